#include "sim/pdm_filters.hpp"

#include <Eigen/Dense>
#include <cmath>

namespace forkroad {
namespace {

// Weights that turn `window` samples at 0, 1, ... into the value (or derivative) at `at` of their
// least-squares polynomial, in units of the sample spacing.
Eigen::VectorXd polynomial_weights(int window, int order, int derivative, double at) {
  Eigen::MatrixXd powers(window, order + 1);
  // centred, so that the normal equations stay well conditioned
  const double middle = 0.5 * (window - 1);
  for (int k = 0; k < window; ++k) {
    for (int power = 0; power <= order; ++power) powers(k, power) = std::pow(k - middle, power);
  }
  Eigen::VectorXd basis = Eigen::VectorXd::Zero(order + 1);
  for (int power = derivative; power <= order; ++power) {
    double factor = 1.0;
    for (int k = 0; k < derivative; ++k) factor *= power - k;
    basis(power) = factor * std::pow(at - middle, power - derivative);
  }
  return powers * (powers.transpose() * powers).ldlt().solve(basis);
}

SavitzkyGolay make_filter(int window, int order, int derivative) {
  SavitzkyGolay filter;
  filter.window = window;
  // an even window is evaluated half a sample after its middle, as scipy does
  filter.before = (window - 1) / 2;
  const double scale = std::pow(kPdmDt, -derivative);
  const auto fill = [&](double* to, double at) {
    const Eigen::VectorXd weights = polynomial_weights(window, order, derivative, at);
    for (int k = 0; k < window; ++k) to[k] = weights(k) * scale;
  };
  fill(filter.interior, 0.5 * (window - 1));
  for (int i = 0; i < window / 2; ++i) {
    fill(filter.first[i], i);
    fill(filter.last[i], window - window / 2 + i);
  }
  return filter;
}

PdmFilters make_filters() {
  PdmFilters filters;
  filters.smooth = make_filter(8, 2, 0);
  filters.jerk = make_filter(15, 2, 1);
  filters.yaw_rate = make_filter(5, 2, 1);
  filters.yaw_acceleration = make_filter(5, 3, 2);
  filters.yaw_acceleration_2 = make_filter(5, 2, 2);
  Eigen::MatrixXd powers(kPdmStates, 3);
  for (int k = 0; k < kPdmStates; ++k) powers.row(k) << 1.0, k, k * k;
  const Eigen::MatrixXd fit =
      powers.colPivHouseholderQr().solve(Eigen::MatrixXd::Identity(kPdmStates, kPdmStates));
  for (int power = 0; power < 3; ++power) {
    for (int k = 0; k < kPdmStates; ++k) filters.quadratic.coefficient[power][k] = fit(power, k);
  }
  return filters;
}

using SpeedMap = Eigen::Matrix<double, kPdmSteps, kPdmSteps, Eigen::RowMajor>;

SpeedMap make_speed_map() {
  // unknowns: initial speed, then accelerations a_0 .. a_38
  SpeedMap displacement = SpeedMap::Zero();
  SpeedMap integrate = SpeedMap::Zero();
  for (int i = 0; i < kPdmSteps; ++i) {
    displacement(i, 0) = kPdmDt;
    integrate(i, 0) = 1.0;
    for (int j = 1; j <= i; ++j) {
      displacement(i, j) = kPdmDt * kPdmDt;
      integrate(i, j) = kPdmDt;
    }
  }
  Eigen::MatrixXd penalty = Eigen::MatrixXd::Zero(kPdmSteps - 2, kPdmSteps);
  for (int i = 0; i < kPdmSteps - 2; ++i) penalty(i, i + 1) = -1.0;
  penalty(kPdmSteps - 3, kPdmSteps - 1) = 1.0;
  const Eigen::MatrixXd normal =
      displacement.transpose() * displacement + 1.0e-4 * penalty.transpose() * penalty;
  return integrate * normal.ldlt().solve(displacement.transpose());
}

}  // namespace

const PdmFilters& pdm_filters() {
  static const PdmFilters filters = make_filters();
  return filters;
}

const double* pdm_speed_map() {
  static const SpeedMap map = make_speed_map();
  return map.data();
}

}  // namespace forkroad
