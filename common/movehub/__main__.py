"""`python -m movehub` runs the command `movehub`."""

from movehub.cli import main

if __name__ == "__main__":
    main()
