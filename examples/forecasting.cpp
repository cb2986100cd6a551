// Forecasting: learns from a table, forecasts with intervals, and stands beside the last value.
// Prints: better than the last value: yes
#include <cmath>
#include <fstream>
#include <iostream>

#include <rondo/rondo.h>

using namespace rondo;

/// 120 days from 2024-01-01: a wave of a week.
void write_table(const char* file) {
  constexpr int days[] = {31, 29, 31, 29};
  std::ofstream out(file);
  out << "ds,y\n";
  int day = 0;
  for (int month = 0; month < 4; ++month)
    for (int d = 1; d <= days[month]; ++d, ++day)
      out << "2024-0" << month + 1 << (d < 10 ? "-0" : "-") << d << ','
          << 20 + 5 * std::sin(2 * 3.14159265 * day / 7) + 0.2 * ((day * 13) % 11 - 5) << '\n';
}

int main() {
  write_table("days.csv");
  forecast::Reading data = forecast::read({"days.csv"}, {.windows = {.lookback = 14, .horizon = 7}});
  forecast::hold_out(data);

  ForecasterOptions options;
  options.network.units = 24;
  options.training.epochs = 30;
  options.training.learning_rate = 0.01F;
  const Forecaster model = Forecaster::train(data.train, data.valid, options);

  const SeriesForecast next = model.forecast(data.all, {.levels = {80}}).front();
  std::cout << next.point.size() << " days ahead from " << next.times.front() << '\n';
  bool held = true;
  for (std::size_t t = 0; t < next.point.size(); ++t)
    held = held && next.low[0][t] <= next.point[t] && next.point[t] <= next.high[0][t];
  std::cout << "intervals hold their points: " << (held ? "yes" : "no") << '\n';

  const ForecastEvaluation test = model.evaluate(data.test);
  std::cout << "better than the last value: " << (test.model.mae < test.baselines[0].mae ? "yes" : "no")
            << '\n';
}
