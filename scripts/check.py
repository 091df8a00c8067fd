"""Run the checks, and with `--tests` the tests, and close with one line that adds up all runners."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

CHECKS = {
    "lint": ["ruff", "check"],
    "format": ["ruff", "format", "--check"],
    "types": ["mypy"],
    "contracts": ["lint-imports"],
    "spelling": ["codespell", "mtsession", "tests", "docs", "scripts", "README.md", "CHANGELOG.md"],
    "dependencies": ["deptry", "."],
}
SUITES = {
    "unit tests": ["-m", "not e2e and not bench", "--cov", "--cov-report=term:skip-covered"],
    "end-to-end tests": ["-m", "e2e and not bench"],
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many checks or tests passed, failed, were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


def run(name: str, command: list[str]) -> int:
    """Run one tool of this environment, with a line before and after."""
    tool = Path(sys.executable).with_name(command[0])
    print(f"» {name}", flush=True)
    start_s = time.monotonic()
    code = subprocess.run([tool, *command[1:]], check=False).returncode
    print(f"  {name}: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - start_s:.0f} s", flush=True)
    return code


def check(name: str, command: list[str]) -> Outcome:
    """One check: passed or failed."""
    code = run(name, command)
    return Outcome(passed=code == 0, failed=code != 0)


def suite(name: str, arguments: list[str], report: Path) -> Outcome:
    """One run of pytest, counted from its own report; a run that broke off counts as a failure."""
    code = run(name, ["pytest", "-q", f"--junit-xml={report}", *arguments])
    if not report.exists():
        return Outcome(failed=1)
    counts = ET.parse(report).getroot()[0].attrib  # noqa: S314
    tests, skipped = int(counts["tests"]), int(counts["skipped"])
    failed = int(counts["failures"]) + int(counts["errors"])
    return Outcome(tests - skipped - failed, max(failed, int(code != 0)), skipped)


def main() -> int:
    """Exit code 0 when all passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="run the tests as well")
    wanted = parser.parse_args()
    total = sum((check(name, command) for name, command in CHECKS.items()), Outcome())
    if wanted.tests:
        with tempfile.TemporaryDirectory() as folder:
            for number, (name, arguments) in enumerate(SUITES.items()):
                total += suite(name, arguments, Path(folder) / f"{number}.xml")
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return int(total.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
