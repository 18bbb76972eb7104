"""The command line: ``python -m shocksweep``; ``run JOB --dask ADDRESS`` runs on the workers there."""

import argparse
import sys

from . import _native


def _on_dask(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="shocksweep run", description="Runs a job on the workers of Dask.")
    parser.add_argument("job", help="job file (TOML)")
    parser.add_argument("--dask", required=True, metavar="ADDRESS", help="scheduler, such as tcp://host:8786")
    parser.add_argument("-o", "--out", required=True, help="result folder")
    parser.add_argument("--dataset", default="synthetic", help="a folder, or `synthetic`")
    parser.add_argument("--adaptation", choices=["on", "off", "both"])
    parser.add_argument("--gather", action="store_true", help="workers share no folder with this process")
    parser.add_argument("--resume", action="store_true", help="keep the parts that an earlier run left")
    parser.add_argument("--force", action="store_true", help="replace an earlier result")
    given = parser.parse_args(arguments)
    from distributed import Client

    from . import ShockSweepError, load, sweep

    try:
        with Client(given.dask) as client:
            result = sweep(
                load(given.dataset), given.job, client=client, out=given.out, adaptation=given.adaptation,
                gather=given.gather, resume=given.resume, force=given.force, progress=True,
            )
    except ShockSweepError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(result)
    return 0


def main() -> None:
    """Runs the command of the arguments and ends with its exit code."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["run"] and any(a == "--dask" or a.startswith("--dask=") for a in arguments):
        sys.exit(_on_dask(arguments[1:]))
    sys.exit(_native.program(arguments))


if __name__ == "__main__":
    main()
