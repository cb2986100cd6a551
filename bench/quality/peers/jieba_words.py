#!/usr/bin/python3
"""jieba (Debian's python3-jieba) on lines of Chinese: characters a second, one thread."""
import jieba

from timing import arguments, say, speeds


def main():
    given = arguments(source="", passes=3)
    with open(given["source"], encoding="utf-8") as file:
        lines = file.read().splitlines()
    jieba.setLogLevel(60)

    def work():
        for line in lines:
            jieba.lcut(line)
        return sum(map(len, lines))

    say(speeds(work, given["passes"]))


if __name__ == "__main__":
    main()
