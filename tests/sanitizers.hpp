// Which sanitizer this file is compiled with: FORKROAD_ASAN, FORKROAD_MSAN, FORKROAD_TSAN are 0
// or 1.
#pragma once

#ifdef __has_feature
#define FORKROAD_HAS_FEATURE(feature) __has_feature(feature)
#else
#define FORKROAD_HAS_FEATURE(feature) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || FORKROAD_HAS_FEATURE(address_sanitizer)
#define FORKROAD_ASAN 1
#else
#define FORKROAD_ASAN 0
#endif

#if FORKROAD_HAS_FEATURE(memory_sanitizer)
#define FORKROAD_MSAN 1
#else
#define FORKROAD_MSAN 0
#endif

#if defined(__SANITIZE_THREAD__) || FORKROAD_HAS_FEATURE(thread_sanitizer)
#define FORKROAD_TSAN 1
#else
#define FORKROAD_TSAN 0
#endif
