"""Series made for the rows of `forecast`: many short ones of known form, and one that is very long."""
import datetime
import math
import random

HOUR = 3600


def many(file, series=1000, rows=1000, seed=1):
    """`unique_id,ds,y`: days with a level, a trend, a season of a week, one of thirty days, and noise, all drawn."""
    draw = random.Random(seed)
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(days=n) for n in range(rows)]
    with open(file, "w", encoding="utf-8") as out:
        out.write("unique_id,ds,y\n")
        for number in range(series):
            level, slope, noise = draw.uniform(20, 200), draw.uniform(-0.02, 0.05), draw.uniform(0.5, 3)
            week, month, shift = draw.uniform(1, 10), draw.uniform(1, 10), draw.uniform(0, 30)
            for t in range(rows):
                value = (level + slope * t + week * math.sin(2 * math.pi * (t + shift) / 7)
                         + month * math.sin(2 * math.pi * (t + shift) / 30) + draw.gauss(0, noise))
                out.write(f"s{number:04},{days[t]},{value:.3f}\n")


def long(file, rows=10_000_000, seed=1):
    """`time,load`: hours as seconds since 1970, a day's season and noise. The noise repeats after 99 991 rows."""
    draw = random.Random(seed)
    noise = [draw.gauss(0, 1) for _ in range(99_991)]
    day = [10 * math.sin(2 * math.pi * hour / 24) for hour in range(24)]
    with open(file, "w", encoding="utf-8") as out:
        out.write("time,load\n")
        for start in range(0, rows, 100_000):
            out.writelines(f"{t * HOUR},{50 + day[t % 24] + noise[t % 99_991]:.2f}\n"
                           for t in range(start, min(rows, start + 100_000)))
