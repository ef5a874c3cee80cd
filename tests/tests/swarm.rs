//! Two nodes on one machine, as their guests see them.

use std::io::Write;

use ww_tests::node::{node, probe};
use ww_tests::process::{Place, Running, finish};

/// A node whose guest does what a console is told.
struct Console(Running);

impl Console {
    fn start(place: &Place, options: &[&str]) -> Self {
        let image = probe(place);
        let mut running =
            Running::start(node(place, &image).env("RUST_LOG", "off").args(options).args(["--", "console"]));
        running.stdout_line(|line| (line == "ready").then_some(()));
        Self(running)
    }

    /// Says a command; gives the answer. Each command is said once, since its answer is looked for in all that came.
    fn ask(&mut self, command: &str) -> String {
        let number = format!("#{}", self.0.stdout().lines().count());
        let stdin = self.0.stdin.as_mut().expect("its standard input");
        stdin.write_all(format!("{number} {command}\n").as_bytes()).expect("it reads");
        let start = format!("{number}: ");
        self.0.stdout_line(|line| line.strip_prefix(&start).map(str::to_owned))
    }

    /// Asks until the answer is a certain one: what happens at one node is known at another a little later.
    fn ask_until(&mut self, command: &str, wanted: impl Fn(&str) -> bool) -> String {
        let start = std::time::Instant::now();
        loop {
            let answer = self.ask(command);
            if wanted(&answer) {
                return answer;
            }
            assert!(start.elapsed().as_secs() < 30, "{command} answers {answer}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }

    /// Its peer id and its address.
    fn whoami(&mut self) -> (String, String) {
        let (id, addrs) = (self.ask("id"), self.ask("addrs"));
        assert!(id.starts_with("12D3KooW"), "{id}");
        assert!(addrs.starts_with("/ip4/127.0.0.1/tcp/") && !addrs.ends_with("/0") && !addrs.contains(','), "{addrs}");
        (id, addrs)
    }

    fn end(mut self) {
        drop(self.0.stdin.take());
        self.0.end().exits(0);
    }
}

#[test]
fn guests_connect_their_nodes_and_each_lists_the_other() {
    let place = Place::new();
    let (mut one, mut other) = (Console::start(&place, &[]), Console::start(&place, &[]));
    let ((one_id, _), (other_id, other_addr)) = (one.whoami(), other.whoami());
    assert_ne!(one_id, other_id);
    assert_eq!((one.ask("peers"), other.ask("peers")), (String::new(), String::new()));
    // Without and with the peer id; the second time they are connected already.
    for addr in [other_addr.clone(), format!("{other_addr}/p2p/{other_id}")] {
        assert_eq!(one.ask(&format!("connect {addr}")), format!("{other_id}@{other_addr}"));
    }
    assert_eq!(one.ask("peers"), format!("{other_id}@{other_addr}"));
    let listed = other.ask_until("peers", |peers| !peers.is_empty());
    assert!(listed.starts_with(&format!("{one_id}@/ip4/127.0.0.1/tcp/")), "{listed}");
    // Who has ended is a peer no more.
    other.end();
    one.ask_until("peers", str::is_empty);
    one.end();
}

#[test]
fn a_connection_with_the_peers_id_is_to_that_peer() {
    let place = Place::new();
    let (mut one, mut other) = (Console::start(&place, &[]), Console::start(&place, &[]));
    let ((one_id, one_addr), (other_id, other_addr)) = (one.whoami(), other.whoami());
    let wrong = one.ask(&format!("connect {other_addr}/p2p/{STRANGER}"));
    assert!(wrong.starts_with("error ") && wrong.contains(&other_id) && wrong.contains(STRANGER), "{wrong}");
    let fine = one.ask(&format!("connect {other_addr}/p2p/{other_id}"));
    assert!(fine.starts_with(&other_id), "{fine}");
    for own in [one_addr.clone(), format!("{one_addr}/p2p/{one_id}")] {
        let answer = one.ask(&format!("connect {own}"));
        assert!(answer.starts_with("error ") && answer.contains("is this node itself"), "{own}: {answer}");
    }
}

/// An id that nobody has here.
const STRANGER: &str = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

#[test]
fn an_address_where_nobody_is_is_an_error() {
    let place = Place::new();
    let mut node = Console::start(&place, &[]);
    // A port that was free a moment ago.
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|it| it.local_addr()).expect("a port").port();
    // One where somebody answers who is no peer.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let silent_port = silent.local_addr().expect("its address").port();
    let talker = std::thread::spawn(move || {
        let (mut stream, _) = silent.accept()?;
        stream.write_all(b"SSH-2.0-nobody\r\n")
    });
    for (addr, part) in [
        ("garbage".to_owned(), "is no multiaddress"),
        ("/ip4/127.0.0.1".to_owned(), "/tcp/PORT or /udp/PORT/quic-v1"),
        ("/ip4/127.0.0.1/tcp/0".to_owned(), "can be listened on, not dialled"),
        (format!("/p2p/{STRANGER}"), "a peer id alone cannot be dialled"),
        ("/dns4/localhost/tcp/1".to_owned(), "/dns is not supported"),
        (format!("/ip4/127.0.0.1/tcp/{closed}"), "cannot connect to /ip4/127.0.0.1/tcp/"),
        (format!("/ip4/127.0.0.1/tcp/{silent_port}"), "cannot connect to /ip4/127.0.0.1/tcp/"),
    ] {
        let answer = node.ask(&format!("connect {addr}"));
        assert!(answer.starts_with("error Failed: host.connect: ") && answer.contains(part), "{addr}: {answer}");
    }
    talker.join().expect("no panic").expect("it was dialled");
    assert_eq!(node.ask("peers"), "");
    node.end();
}

#[test]
fn a_node_connects_to_the_peers_it_is_told() {
    let place = Place::new();
    let mut one = Console::start(&place, &[]);
    let (one_id, one_addr) = one.whoami();
    let mut other = Console::start(&place, &["--peer", &one_addr]);
    let peers = other.ask_until("peers", |peers| !peers.is_empty());
    assert_eq!(peers, format!("{one_id}@{one_addr}"));
    one.ask_until("peers", |peers| !peers.is_empty());
}

#[test]
fn a_port_of_0_is_any_on_every_interface_over_tcp_and_quic() {
    let place = Place::new();
    let image = probe(&place);
    let run = || {
        let mut command = place.ww(["run", "--port", "0", "--ephemeral"]);
        let mut running = Running::start(command.env("RUST_LOG", "off").arg(&image).args(["--", "console"]));
        running.stdout_line(|line| (line == "ready").then_some(()));
        Console(running)
    };
    let (mut one, mut other) = (run(), run());
    for transport in ["/tcp/", "/quic-v1"] {
        let addrs = other.ask("addrs");
        let local = addrs.split(',').find(|addr| addr.starts_with("/ip4/127.0.0.1/") && addr.contains(transport));
        let local = local.unwrap_or_else(|| panic!("no {transport} in {addrs}"));
        let answer = one.ask(&format!("connect {local}"));
        assert!(answer.starts_with("12D3KooW"), "{answer}");
    }
}

#[test]
fn a_name_that_is_not_configured_lists_those_that_are() {
    let place = Place::new();
    let mut node = Console::start(&place, &[]);
    assert_eq!(node.ask("graft kv"), "error Failed: capability 'kv' is not configured; configured: host");
    assert_eq!(node.ask("graft host kv"), "error Failed: capability 'kv' is not configured; configured: host");
    for names in ["graft", "graft host", "graft host host"] {
        assert_eq!(node.ask(names), "host", "{names}");
    }
    node.end();
}

#[test]
fn a_peer_that_cannot_be_dialled_ends_the_start() {
    let place = Place::new();
    let image = probe(&place);
    finish(node(&place, &image).args(["--peer", "garbage"]), b"").exits(2);
    for (peer, part) in [("/dns4/localhost/tcp/1", "/dns is not supported"), ("/ip4/127.0.0.1/tcp/0", "not dialled")] {
        finish(node(&place, &image).args(["--peer", peer]), b"").fails_in_one_line(125, &["error: swarm: ", part]);
    }
}
