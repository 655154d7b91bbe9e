"""A hub, a node, a register and a clock, driven by Hypothesis through every fault that it can think of.

    make faults                  more than 10,000 steps; `make test` does fewer
    make day                     24 simulated hours by a seed, and the figures of the law

`world` is who takes part, `documents` what they say, `troubles` what can go wrong on the wire, `machine` the
steps, `promises` what must hold. `day` goes through hours of work and faults that `script` draws, and
`outcome` is what came of them.
"""
