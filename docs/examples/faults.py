"""Play a script of faults, and print the results that your client sees."""

from __future__ import annotations

from datetime import date

from movehub.errors import MovehubError
from movehub.http import HttpsTransport, Transport
from movehub.sandbox import (
    Fault,
    FaultProxy,
    FaultRelay,
    Kind,
    RelayCertificates,
    Sandbox,
    Script,
    Side,
    equal_weights,
    port_of,
)

from tachonet_client import CheckIssuedCardsRequest, SearchedDriver, TachonetClient

DRIVER = SearchedDriver(family_name="Brueckenthaler", first_name="Juergen", date_of_birth=date(1984, 3, 17))


def ask(transport: Transport) -> str:
    """Ask Austria, and return the outcome or the name of the error."""
    question = CheckIssuedCardsRequest(
        business_case_id="FI-1", originating_authority="Traficom", searched_driver=DRIVER
    )
    try:
        answer = TachonetClient("FI", transport).send(question, to="AT").body
    except MovehubError as error:
        return type(error).__name__
    return answer.member_states[0].outcome.value


def on_the_wire(sandbox: Sandbox) -> None:
    """Play faults between the client and the hub, without any keys."""
    script = Script.of(Kind.DROP, Kind.NO_TLS, Fault(Kind.SLOW, Side.REQUEST))
    with FaultProxy(port_of(sandbox.url("tachonet")), script) as proxy:
        for fault in script.faults:
            with HttpsTransport(proxy.url("/tachonet"), sandbox.credentials) as transport:
                print(f"{fault}: {ask(transport)}")


def inside_tls(sandbox: Sandbox) -> None:
    """Take the place of the hub, with its keys: cut, repeat and exchange whole documents."""
    faults = (Fault(Kind.CUT, Side.ANSWER, 100), Fault(Kind.DUPLICATE), Fault(Kind.NO_XML))
    script = Script.drawn(seed=9, length=4, weights=equal_weights(faults))
    print(script)
    with (
        sandbox.transport("tachonet") as onwards,
        FaultRelay(RelayCertificates(sandbox.issued["hub"]), onwards, script) as relay,
        HttpsTransport(relay.url(), sandbox.credentials) as transport,
    ):
        for fault in script.faults:
            print(f"{fault}: {ask(transport)}")


def main() -> None:
    """Play both against a sandbox."""
    with Sandbox("FI", patience=4.0) as sandbox:
        on_the_wire(sandbox)
        inside_tls(sandbox)


if __name__ == "__main__":
    main()
