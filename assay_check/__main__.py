import sys

from assay_check.cli import main

sys.exit(main())
