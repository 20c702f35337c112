#include "tests/fiber.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <new>
#include <utility>

#include "tests/sanitizers.hpp"

// FORKROAD_FIBER_UCONTEXT forces the portable switch, which costs two system calls.
#if defined(__x86_64__) && !defined(FORKROAD_FIBER_UCONTEXT)
#define FORKROAD_FIBER_X86_64 1
#else
#include <ucontext.h>
#endif

#if FORKROAD_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if FORKROAD_TSAN
#error "compile tests/fiber.cpp with -fno-sanitize=thread (see tests/emulate.hpp)"
#endif

// The switch and the scheduler are invisible to ThreadSanitizer, or their own bookkeeping would
// race with every fiber. The run-time library is there or not at link time, hence weak.
extern "C" {
__attribute__((weak)) void* __tsan_get_current_fiber();
__attribute__((weak)) void* __tsan_create_fiber(unsigned flags);
__attribute__((weak)) void __tsan_destroy_fiber(void* fiber);
__attribute__((weak)) void __tsan_switch_to_fiber(void* fiber, unsigned flags);
__attribute__((weak)) void __tsan_acquire(void* address);
__attribute__((weak)) void __tsan_release(void* address);
}

namespace forkroad {
namespace {

constexpr unsigned kTsanSwitchToFiberNoSync = 1;

#if FORKROAD_ASAN
constexpr size_t kStackBytes = size_t{256} << 10;  // red zones make frames several times larger
#else
constexpr size_t kStackBytes = size_t{64} << 10;
#endif

// Tops of page-aligned stacks would all fall into the same cache sets; moved apart by these.
constexpr size_t kSlots = 16;
constexpr size_t kSlotBytes = 192;

size_t page_bytes() {
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

GuardedMemory::GuardedMemory(size_t min_bytes) {
  const size_t page = page_bytes();
  size_ = (min_bytes + page - 1) / page * page;
  void* const mapped = mmap(nullptr, size_ + 2 * page, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<unsigned char*>(mapped) + page;
  if (size_ > 0 && mprotect(data_, size_, PROT_READ | PROT_WRITE) != 0) {
    munmap(mapped, size_ + 2 * page);
    throw std::bad_alloc();
  }
}

GuardedMemory::~GuardedMemory() {
  if (data_ == nullptr) return;
#if FORKROAD_ASAN
  __asan_unpoison_memory_region(data_, size_);
#endif
  munmap(data_ - page_bytes(), size_ + 2 * page_bytes());
}

GuardedMemory::GuardedMemory(GuardedMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

GuardedMemory& GuardedMemory::operator=(GuardedMemory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

bool thread_sanitizer_on() { return __tsan_create_fiber != nullptr; }

void race_release(void* address) {
  if (__tsan_release != nullptr) __tsan_release(address);
}

void race_acquire(void* address) {
  if (__tsan_acquire != nullptr) __tsan_acquire(address);
}

struct FiberContext {
  GuardedMemory stack{kStackBytes};
  void (*run)(void*) = nullptr;
  void* argument = nullptr;
  bool finished = true;
#ifdef FORKROAD_FIBER_X86_64
  void* fiber_stack_pointer = nullptr;
  void* caller_stack_pointer = nullptr;
#else
  ucontext_t fiber_state;
  ucontext_t caller_state;
#endif
  // sanitizers: both sides of the switch
  void* tsan_fiber = nullptr;
  void* tsan_caller = nullptr;
  void* asan_fiber_frames = nullptr;
  void* asan_caller_frames = nullptr;
  const void* caller_bottom = nullptr;
  size_t caller_size = 0;
};

#ifdef FORKROAD_FIBER_X86_64

// Saves the registers that a call preserves (System V ABI) on the stack it leaves, and takes those
// of the stack it enters. It jumps, because the processor would predict a return to the wrong
// stack. Floating-point control words are not saved: bodies leave them alone.
extern "C" void forkroad_fiber_switch(void** save_stack_pointer, void* stack_pointer);
extern "C" void forkroad_fiber_begin();
asm(R"(
.text
.p2align 4
.globl forkroad_fiber_switch
.hidden forkroad_fiber_switch
.type forkroad_fiber_switch, @function
forkroad_fiber_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  popq %rcx
  jmp *%rcx
.size forkroad_fiber_switch, .-forkroad_fiber_switch

.p2align 4
.globl forkroad_fiber_begin
.hidden forkroad_fiber_begin
.type forkroad_fiber_begin, @function
forkroad_fiber_begin:
  .cfi_startproc
  .cfi_undefined rip
  movq %r12, %rdi
  xorl %ebp, %ebp
  call forkroad_fiber_main
  ud2
  .cfi_endproc
.size forkroad_fiber_begin, .-forkroad_fiber_begin
)");

#endif  // FORKROAD_FIBER_X86_64

namespace {

// Leaves the caller's stack for the fiber's.
void enter(FiberContext* context) {
  if (thread_sanitizer_on()) {
    context->tsan_caller = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(context->tsan_fiber, kTsanSwitchToFiberNoSync);
  }
#if FORKROAD_ASAN
  __sanitizer_start_switch_fiber(&context->asan_caller_frames, context->stack.data(),
                                 context->stack.size());
#endif
#ifdef FORKROAD_FIBER_X86_64
  forkroad_fiber_switch(&context->caller_stack_pointer, context->fiber_stack_pointer);
#else
  swapcontext(&context->caller_state, &context->fiber_state);
#endif
#if FORKROAD_ASAN
  __sanitizer_finish_switch_fiber(context->asan_caller_frames, nullptr, nullptr);
#endif
}

// First thing on the fiber's side of a switch.
void entered(FiberContext* context) {
#if FORKROAD_ASAN
  __sanitizer_finish_switch_fiber(context->asan_fiber_frames, &context->caller_bottom,
                                  &context->caller_size);
#else
  static_cast<void>(context);
#endif
}

// Leaves the fiber's stack for the caller's.
void leave(FiberContext* context) {
  if (thread_sanitizer_on()) {
    __tsan_switch_to_fiber(context->tsan_caller, kTsanSwitchToFiberNoSync);
  }
#if FORKROAD_ASAN
  // a finished fiber keeps no frames
  __sanitizer_start_switch_fiber(context->finished ? nullptr : &context->asan_fiber_frames,
                                 context->caller_bottom, context->caller_size);
#endif
#ifdef FORKROAD_FIBER_X86_64
  forkroad_fiber_switch(&context->fiber_stack_pointer, context->caller_stack_pointer);
#else
  swapcontext(&context->fiber_state, &context->caller_state);
#endif
}

}  // namespace

// No C++ frame stands below this one. MemorySanitizer would look for its argument's shadow where
// the last instrumented call left its own.
extern "C"
    __attribute__((visibility("hidden"), used, noreturn))
#ifdef __clang__
    __attribute__((no_sanitize("memory")))
#endif
    void
    forkroad_fiber_main(void* argument) {
  FiberContext* const context = static_cast<FiberContext*>(argument);
  entered(context);
  context->run(context->argument);
  context->finished = true;
  leave(context);
  __builtin_trap();
}

#ifndef FORKROAD_FIBER_X86_64
// makecontext passes ints only, so that a pointer travels in two halves
static void fiber_main_of_halves(unsigned high, unsigned low) {
  const uintptr_t address = (static_cast<uintptr_t>(high) << 32) | low;
  forkroad_fiber_main(reinterpret_cast<void*>(address));
}
#endif

Fiber::Fiber() : context_(new FiberContext) {}

Fiber::~Fiber() {
  if (context_->tsan_fiber != nullptr) __tsan_destroy_fiber(context_->tsan_fiber);
  delete context_;
}

void Fiber::start(int slot, void (*run)(void*), void* argument) {
  FiberContext* const context = context_;
#if FORKROAD_ASAN
  // an abandoned fiber leaves the red zones of its frames behind
  if (!context->finished) {
    __asan_unpoison_memory_region(context->stack.data(), context->stack.size());
  }
#endif
  context->run = run;
  context->argument = argument;
  context->finished = false;
  context->asan_fiber_frames = nullptr;
  if (thread_sanitizer_on()) {
    if (context->tsan_fiber != nullptr) __tsan_destroy_fiber(context->tsan_fiber);
    context->tsan_fiber = __tsan_create_fiber(0);
  }

  const size_t shift = static_cast<size_t>(slot) % kSlots * kSlotBytes;
#ifdef FORKROAD_FIBER_X86_64
  // what forkroad_fiber_switch pops: six registers, of which r12 carries the argument, and a return
  // address; the stack is then aligned to 16 bytes, as forkroad_fiber_begin's call needs
  unsigned char* const top = context->stack.data() + context->stack.size() - shift;
  void** const frame = reinterpret_cast<void**>(top) - 9;
  for (int word = 0; word < 9; ++word) frame[word] = nullptr;
  frame[3] = context;
  frame[6] = reinterpret_cast<void*>(&forkroad_fiber_begin);
  context->fiber_stack_pointer = frame;
#else
  getcontext(&context->fiber_state);
  context->fiber_state.uc_stack.ss_sp = context->stack.data();
  context->fiber_state.uc_stack.ss_size = context->stack.size() - shift;
  context->fiber_state.uc_link = nullptr;
  const uintptr_t address = reinterpret_cast<uintptr_t>(context);
  makecontext(&context->fiber_state, reinterpret_cast<void (*)()>(&fiber_main_of_halves), 2,
              static_cast<unsigned>(address >> 32), static_cast<unsigned>(address));
#endif
  enter(context);
}

void Fiber::resume() { enter(context_); }

void Fiber::pause() {
  leave(context_);
  entered(context_);
}

}  // namespace forkroad
