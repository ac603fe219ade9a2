"""`python -m installer` is flowforge-install."""

from installer.cli import main

if __name__ == "__main__":
    main()
