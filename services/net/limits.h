/* SPDX-License-Identifier: Apache-2.0
 *
 * Every bound that a connection can push against, with the reason for its value. Times are in
 * milliseconds, sizes in bytes. What one message may weigh is VRX_LIMIT_MESSAGE in base/limits.h.
 */
#ifndef VRX_NET_LIMITS_H
#define VRX_NET_LIMITS_H

/* Calls at once on one connection: a vendor's gateway multiplexes its clerks; 128 is over RFC 9113
 * §6.5.2's advice of 100. */
#define VRX_NET_STREAMS 128
/* One request's fields as RFC 9113 §6.5.2 counts them (name + value + 32 each): a session token and
 * tracing fields take under 1 KiB. */
#define VRX_NET_HEADER_BYTES ((size_t)16384)
/* Fields of one head or of one's trailers, as they are once unpacked, at which the connection ends:
 * 16 KiB of HPACK can stand for 64 MiB (RFC 7541 §7.3), which no client sends that has read the
 * limit. */
#define VRX_NET_HEADER_BOMB (4 * VRX_NET_HEADER_BYTES)
/* CONTINUATION frames of one head (CVE-2024-28182): 16 KiB fit one frame; nghttp2's own guard. */
#define VRX_NET_CONTINUATIONS 4
/* Streams that end badly, by either side (CVE-2023-44487, CVE-2025-8671): a burst of a full house
 * of cancelled calls, then this many a second. */
#define VRX_NET_RESETS_BURST 200
#define VRX_NET_RESETS_RATE 50
/* Frames that carry nothing: PING, SETTINGS, PRIORITY, empty DATA (CVE-2019-9512, 9513, 9515,
 * 9518). A client's bandwidth probe pings a few times a second. Frames of unknown types are passed
 * over by nghttp2 as RFC 9113 §4.1 wants and cost no more than their bytes. */
#define VRX_NET_CONTROL_BURST 400
#define VRX_NET_CONTROL_RATE 100
/* Entries of one SETTINGS frame: RFC 9113 knows six, extensions a few more. */
#define VRX_NET_SETTINGS 16
/* Acknowledgements that wait because the peer does not read (CVE-2019-9512, 9515): above the burst,
 * which answers with GOAWAY where this one only hangs up. */
#define VRX_NET_ACKS 1000

/* What a peer may send on one stream before the application has taken it, and on all streams before
 * the session has read it: 256 KiB keep a 1 Gbit/s line of 2 ms full. */
#define VRX_NET_STREAM_WINDOW (256 << 10)
#define VRX_NET_CONNECTION_WINDOW (1 << 20)
/* Requests half received on one connection: four of the largest message. Over it: new messages are
 * refused. */
#define VRX_NET_INBOUND ((size_t)16 << 20)
/* Replies that one connection's peer has not taken (CVE-2019-9517). Over it: new calls are refused.
 * Reading goes on, for WINDOW_UPDATE comes that way. */
#define VRX_NET_OUTBOUND ((size_t)16 << 20)
/* A server stream is asked for its next message while fewer than this many bytes wait. */
#define VRX_NET_STREAM_LOW ((size_t)32 << 10)
/* One turn of the loop writes this much for one connection before the others have theirs, in pieces
 * that fill four TLS records. */
#define VRX_NET_WRITE_PIECE ((size_t)65536)
#define VRX_NET_WRITE_TURN 16
/* TLS records that one turn reads from one connection. */
#define VRX_NET_READ_TURN 16

/* TCP accept to the end of the TLS handshake: three round trips of a bad mobile line. */
#define VRX_NET_HANDSHAKE_MS 10000
/* First byte of a request's head to its last; also the handshake's end to the client preface. */
#define VRX_NET_HEAD_MS 10000
/* Head to last byte of the one message of a call that is no client stream: 4 MiB at 1 Mbit/s. */
#define VRX_NET_BODY_MS 40000
/* Without a call a connection stays this long: a counter's next visitor. */
#define VRX_NET_IDLE_MS 300000
/* With calls open and nothing received: PING, and the end if no byte answers. */
#define VRX_NET_KEEPALIVE_MS 120000
#define VRX_NET_PING_MS 20000
/* Bytes wait and the socket takes none. */
#define VRX_NET_STALL_MS 30000
/* Before its client's certificate ends a connection is told to go: another one, with the next
 * certificate, takes its calls meanwhile. */
#define VRX_NET_EXPIRY_MS 10000
/* After GOAWAY the peer's PING acknowledgement shows that it has read it; without one this long. */
#define VRX_NET_GOAWAY_MS 1000
/* After our last byte the peer may still send: its bytes are read and dropped this long, for a
 * close with bytes unread would make TCP destroy what it has not read of ours. */
#define VRX_NET_LINGER_MS 1000

/* Connections of one listener: file descriptors (twice VRX_NET_BACKLOG per thread) and about 60 KiB
 * of TLS and HTTP/2 state each. Over it: accepted and closed at once. */
#define VRX_NET_CONNECTIONS 8192
#define VRX_NET_BACKLOG 1024
#define VRX_NET_ACCEPT_TURN 64
/* Without a descriptor for the next connection the listener rests this long. */
#define VRX_NET_ACCEPT_PAUSE_MS 100
#define VRX_NET_THREADS 64

/* Of those, one address (IPv6: one /64) and one terminal. An address may be the gateway of a
 * prefecture, or the host that keeps a country's 1,741 vaults open (vrx watch), and still leaves
 * half of the house to others. A terminal may be a vendor's system with a connection for each of a
 * large city's clerks. Over it: closed, before or after its handshake. */
#define VRX_NET_ADDRESS_CONNECTIONS 4096
#define VRX_NET_TERMINAL_CONNECTIONS 1024

/* The listener for anyone, who shows no certificate: all of it is smaller. Connections: a quarter
 * of what terminals have. One address: the verifiers of an airport
 * behind one translated address, each with a connection. Its calls: each of a hundred lanes
 * looks at someone every five seconds, and all of them at once when the doors open; a connection
 * counts as one, for its handshake costs more than a call. Over it: RESOURCE_EXHAUSTED, or
 * closed. */
#define VRX_NET_PUBLIC_CONNECTIONS 2048
#define VRX_NET_PUBLIC_ADDRESS_CONNECTIONS 128
#define VRX_NET_PUBLIC_ADDRESS_RATE 20
#define VRX_NET_PUBLIC_ADDRESS_BURST 200
/* Addresses whose calls are remembered, 128 bytes each: the connections, and as many who have just
 * gone. */
#define VRX_NET_PUBLIC_ADDRESSES ((size_t)2 * VRX_NET_PUBLIC_CONNECTIONS)
/* The largest message there: a QR code's content (VRX_LIMIT_HCERT_TEXT) and its framing. */
#define VRX_NET_PUBLIC_MESSAGE ((size_t)8192)
/* Whoever shows a certificate at a gate is looked at in seconds; a connection is made again in less
 * than one. */
#define VRX_NET_PUBLIC_HANDSHAKE_MS 5000
#define VRX_NET_PUBLIC_IDLE_MS 30000

/* Which of them ended a connection, or turned it away. */
enum vrx_net_limit {
    VRX_NET_WITHIN_LIMITS,
    VRX_NET_LIMIT_CONNECTIONS, /* VRX_NET_CONNECTIONS */
    VRX_NET_LIMIT_ADDRESS,     /* VRX_NET_ADDRESS_CONNECTIONS and the public ones */
    VRX_NET_LIMIT_TERMINAL,    /* VRX_NET_TERMINAL_CONNECTIONS */
    VRX_NET_LIMIT_HANDSHAKE,   /* VRX_NET_HANDSHAKE_MS */
    VRX_NET_LIMIT_HEAD,        /* VRX_NET_HEAD_MS */
    VRX_NET_LIMIT_HEADERS,     /* VRX_NET_HEADER_BOMB */
    VRX_NET_LIMIT_RESETS,      /* VRX_NET_RESETS_RATE */
    VRX_NET_LIMIT_CONTROLS,    /* VRX_NET_CONTROL_RATE */
    VRX_NET_LIMIT_FLOOD,       /* VRX_NET_CONTINUATIONS, VRX_NET_SETTINGS, VRX_NET_ACKS */
    VRX_NET_LIMIT_STALL,       /* VRX_NET_STALL_MS */
    VRX_NET_LIMIT_PING,        /* VRX_NET_PING_MS */
    VRX_NET_LIMITS,
};

#endif
