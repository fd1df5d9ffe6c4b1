"""Tunnels as rows (network.md 1.3)."""

from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network.rows import add_network, create_tunnel, physical_pifs


def test_a_tunnel_takes_the_first_free_device_and_an_address_of_its_own(host: HostMachine) -> None:
    row = host_row(host)
    transport = physical_pifs(row)[0]
    made = [
        create_tunnel(transport, add_network(host.database, f"t{n}", f"xapi9{n}")).to("access_PIF", "PIF")
        for n in range(2)
    ]
    host.database.delete("PIF", made[0].ref)
    third = create_tunnel(transport, add_network(host.database, "t", "xapi99")).to("access_PIF", "PIF")
    assert (made[1].text("device"), third.text("device")) == ("tunnel1", "tunnel0")
    assert made[1].text("MAC") != third.text("MAC")
