"""An RQ worker on the queues of WORKER_QUEUES, or on those named as arguments."""

import sys

from pindeck.worker import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
