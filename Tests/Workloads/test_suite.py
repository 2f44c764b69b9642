"""A test suite that starts a program in each of its COUNT tests: python3 test_suite.py COUNT"""

import subprocess
import sys
import unittest


class ToolTests(unittest.TestCase):
    pass


def starts(words):
    def test(self):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    return test


if __name__ == "__main__":
    COUNT = int(sys.argv.pop(1))
    for number in range(COUNT):
        words = ["/bin/true"] if number % 2 == 0 else ["/bin/sh", "-c", "echo one | sort"]
        setattr(ToolTests, f"test_{number:03}", starts(words))
    unittest.main(argv=[sys.argv[0], "-q"])
