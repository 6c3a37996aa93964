"""Without a provider: the picture itself, cropped, turned and graded, and plainly marked."""

from pindeck.varying.base import Made, Order, Ticket


class Simulated:
    """Deterministic, at once and for nothing."""

    name = "simulated"
    model = "simulated"
    attribution = "AI Generation (simulated)"

    def submit(self, order: Order) -> Ticket:
        return Ticket(f"simulated-{order.run_id}")

    def result(self, order: Order, ticket: Ticket) -> Made | None:
        from pindeck.imaging import pretending  # it loads decoders, which who asks for the price has no use for

        data, _ = order.picture()
        words = order.shot or order.mode
        made = pretending.draw(data, mode=order.mode, number=order.number, aspect=order.aspect, words=words)
        return Made(data=made, cost=0.0)

    def cancel(self, ticket: Ticket) -> None:
        """It is made at once."""
