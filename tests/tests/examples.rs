//! The examples do what their texts say, on real nodes.

use std::io::Write;

use ww_tests::binary::guest;
use ww_tests::node::{run, start};
use ww_tests::process::{Place, Running};

/// The guest of `examples/callback`: it runs until its input ends.
struct Callback {
    running: Running,
    /// Its node's address, with the peer id.
    addr: String,
}

impl Callback {
    fn start(place: &Place) -> Self {
        let image = place.image("callback", &guest("examples/callback")["callback"]);
        let mut running = start::<&str>(place, &image, &[]);
        let addr = running.stdout_line(|line| line.starts_with("/ip4/127.0.0.1/tcp/").then(|| line.to_owned()));
        Self { running, addr }
    }

    fn id(&self) -> &str {
        self.addr.rsplit('/').next().expect("an id at the end")
    }

    fn type_line(&mut self, line: &str) {
        let stdin = self.running.stdin.as_mut().expect("its input");
        stdin.write_all(format!("{line}\n").as_bytes()).expect("it reads");
    }

    fn prints(&mut self, line: &str) {
        self.running.stdout_line(|found| (found == line).then_some(()));
    }

    /// Ends its input, and gives the last line that it prints.
    fn end(mut self) -> String {
        drop(self.running.stdin.take());
        let ended = self.running.end().exits(0);
        assert_eq!(ended.stderr, "", "{ended}");
        ended.stdout.lines().last().expect("a line").to_owned()
    }
}

#[test]
fn a_guest_is_called_back_when_peers_come_and_go() {
    let place = Place::new();
    let (mut one, mut two, mut three) = (Callback::start(&place), Callback::start(&place), Callback::start(&place));
    two.type_line(&one.addr);
    one.prints(&format!("{} is here", two.id()));
    two.prints(&format!("{} is here", one.id()));
    // Being called does not keep it from anything else.
    one.type_line("/ip4/127.0.0.1/tcp/0");
    one.running.stdout_line(|line| line.starts_with("no connection: Failed: host.connect: ").then_some(()));
    one.type_line(&three.addr.clone());
    one.prints(&format!("{} is here", three.id()));
    three.prints(&format!("{} is here", one.id()));

    let two_id = two.id().to_owned();
    assert_eq!(two.end(), "1 connected at the end");
    one.prints(&format!("{two_id} is gone"));
    assert_eq!(one.end(), "1 connected at the end");
    assert_eq!(three.running.stdout().matches(" is here").count(), 1);
}

const LENT_AND_REVOKED: &str = "\
lent, for three calls:
  id: works
  addrs: method 1 of interface 0xa4c6f1d2937be815 is not allowed here
  peers: works
  connect: method 3 of interface 0xa4c6f1d2937be815 is not allowed here
once more:
  id: works
  addrs: method 1 of interface 0xa4c6f1d2937be815 is not allowed here
  peers: the calls that this capability was good for are used up
  connect: method 3 of interface 0xa4c6f1d2937be815 is not allowed here
lent:
  id: works
  addrs: method 1 of interface 0xa4c6f1d2937be815 is not allowed here
  peers: works
  connect: method 3 of interface 0xa4c6f1d2937be815 is not allowed here
revoked:
  id: this capability was revoked
  addrs: this capability was revoked
  peers: this capability was revoked
  connect: this capability was revoked
the guest's own:
  addrs: works
";

#[test]
fn a_visitor_does_what_it_was_lent_until_that_is_revoked() {
    let place = Place::new();
    let image = place.image("attenuate", &guest("examples/attenuate")["attenuate"]);
    let ended = run(&place, &image, &[], b"").exits(0);
    assert_eq!(ended.stdout, LENT_AND_REVOKED, "{ended}");
}

#[test]
fn a_guest_without_the_sdk_greets_over_rpc() {
    let place = Place::new();
    let image = place.image("rpc", &guest("examples/rpc")["rpc"]);
    let ended = run(&place, &image, &[], b"").exits(0);
    assert!(ended.stdout.starts_with("Hello over RPC from 12D3KooW"), "{ended}");
}
