"""A node is killed with SIGKILL at one instant after another, started again, and everything is counted.

    make kill                                      every kind of instant, on both databases
    python -m tests.kill --database sqlite         one of them; --points, --seed
    python -m tests.kill --database sqlite --at 'commit: after@courier#2'     one instant, again

`points` says which instants there are, `traffic` what is exchanged meanwhile, `hub` what stands at the other
end, `served` is the process that is killed, and `process` the handle to it, `runs` kills and starts it, and
`invariants` counts. `breakages` are nodes that must be caught.
"""
