"""One of the phones of a Saturday morning: checks in one visit after the other until the time is over or none is left.

Run: python -m benchmarks._w4_client HOST PORT FILE SECONDS. FILE is JSON: [[cookie, token, [numbers …]], …]. Prints JSON:
the answers by status, the seconds that each took, and the numbers that were acknowledged.
"""

from __future__ import annotations

import json
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

CODE = "4072"


def main() -> None:
    """Check in, and say how it went."""
    host, port, file, seconds = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4])
    leaders = json.loads(file.read_text(encoding="utf-8"))
    visits = [(cookie, token, numbers[turn]) for turn in range(max(len(one[2]) for one in leaders))
              for cookie, token, numbers in leaders if turn < len(numbers)]  # fmt: skip
    connection = HTTPConnection(host, port, timeout=60)
    took: list[float] = []
    answers: dict[int, int] = {}
    acknowledged: list[str] = []
    ends = time.monotonic() + seconds
    for cookie, token, number in visits:
        began = time.monotonic()
        if began > ends:
            break
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"/inbox/visits/{number}/arrive", urlencode({"csrf_token": token, "code": CODE}), headers)
        answer = connection.getresponse()
        answer.read()
        took.append(time.monotonic() - began)
        answers[answer.status] = answers.get(answer.status, 0) + 1
        if answer.status == 303:
            acknowledged.append(number)
    print(json.dumps({"took": took, "answers": answers, "acknowledged": acknowledged}))


if __name__ == "__main__":
    main()
