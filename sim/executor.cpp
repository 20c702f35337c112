#include "sim/executor.hpp"

#include <omp.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/system/omp/execution_policy.h>

#include <atomic>

namespace forkroad {

void for_each_item(int num_items, int num_threads, ItemTask task) {
  if (num_threads <= 1 || num_items <= 1) {
    for (int item = 0; item < num_items; ++item) task.call(task.context, item, 0);
    return;
  }
  // items differ in cost, so workers draw them from a counter instead of owning a range
  std::atomic<int> next{0};
  const int threads_before = omp_get_max_threads();
  omp_set_num_threads(num_threads);
  thrust::for_each_n(thrust::omp::par, thrust::make_counting_iterator(0), num_threads,
                     [&](int worker) {
                       for (int item = next++; item < num_items; item = next++) {
                         task.call(task.context, item, worker);
                       }
                     });
  omp_set_num_threads(threads_before);
}

}  // namespace forkroad
