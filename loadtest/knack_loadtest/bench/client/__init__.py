"""The client's side of the realtime figures: raw sockets and one epoll loop in a process of its own, which only counts.

It has to cost less than any server that it measures, so it knows just enough of WebSocket (RFC 6455) to shake hands, cut
a stream into frames and mask what it sends, and looks at bytes that it has seen before as little as it can. What does
play (`players`) plays honestly: every reply is checked against the rules by `knack_client.mirror`.
"""
