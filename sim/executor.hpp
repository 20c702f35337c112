// The one CPU executor of lane groups.
#pragma once

namespace forkroad {

// A task without ownership: nothing is allocated to hand it over.
struct ItemTask {
  void* context;
  void (*call)(void* context, int item, int worker);
};

// Calls the task with (item, worker) for every item in [0, num_items), on `num_threads` workers
// that take items as they come; worker is in [0, num_threads). Which worker takes an item is not
// determined: a task's result must depend on the item alone.
void for_each_item(int num_items, int num_threads, ItemTask task);

// The same for anything callable as task(item, worker).
template <class Task>
void for_each_item(int num_items, int num_threads, Task& task) {
  for_each_item(num_items, num_threads, ItemTask{&task, [](void* context, int item, int worker) {
                                                   (*static_cast<Task*>(context))(item, worker);
                                                 }});
}

}  // namespace forkroad
