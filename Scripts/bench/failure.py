"""Why a command ends early: one line, and a status of sysexits(3) or 1."""

USAGE, DATA, NO_INPUT, UNAVAILABLE, SOFTWARE, NO_PERMISSION, CONFIGURATION = 64, 65, 66, 69, 70, 77, 78


class Failure(Exception):
    """Ends the command with a status; without a text where somebody else has told already."""

    def __init__(self, text="", status=1):
        super().__init__(text)
        self.status = status
