#!/usr/bin/env python3
"""Writes time_zone_table.inc from the tz database of this machine (Debian's tzdata, public domain).

Run it when the world changes its clocks:  python3 src/expr/time_zone_table.py
"""

import datetime
import pathlib
import zoneinfo

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
END = int(datetime.datetime(2054, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
STEP = 7 * 86400
COLUMNS = 91


def encode(number: int, width: int) -> str:
    return "".join(ALPHABET[number >> 6 * i & 63] for i in reversed(range(width)))


def offset_at(zone: zoneinfo.ZoneInfo, seconds: int) -> int:
    """Minutes east of Greenwich."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).astimezone(zone)
    return round(moment.utcoffset().total_seconds() / 60)


def records_of(zone: zoneinfo.ZoneInfo) -> str:
    offset = offset_at(zone, 0)
    records = encode(0, 5) + encode(offset + 2048, 2)
    for start in range(0, END, STEP):
        low, high = start, start + STEP
        if offset_at(zone, high) == offset:
            continue
        while high - low > 60:
            middle = (low + high) // 120 * 60
            if offset_at(zone, middle) == offset:
                low = middle
            else:
                high = middle
        offset = offset_at(zone, high)
        records += encode(high // 60, 5) + encode(offset + 2048, 2)
    return records


def main() -> None:
    left_out = ("posix/", "right/", "localtime", "Factory", "posixrules")
    names = sorted(n for n in zoneinfo.available_timezones() if not n.startswith(left_out))
    zones: dict[str, int] = {}
    lines = [
        "// Written by time_zone_table.py; do not edit.",
        "constexpr ZoneName zone_names[] = {",
    ]
    for name in names:
        index = zones.setdefault(records_of(zoneinfo.ZoneInfo(name)), len(zones))
        lines.append(f'    {{"{name}", {index}}},')
    lines += ["};", "constexpr std::string_view zone_records[] = {"]
    for records in zones:
        parts = [records[i : i + COLUMNS] for i in range(0, len(records), COLUMNS)]
        lines += [f'    "{part}"' for part in parts]
        lines[-1] += ","
    lines.append("};")
    path = pathlib.Path(__file__).with_name("time_zone_table.inc")
    path.write_text("\n".join(lines) + "\n")


main()
