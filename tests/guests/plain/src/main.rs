//! A program that knows nothing of `ww`, for the tests: its first argument says what it does.
//!
//! What it finds goes to standard output, one line a thing: `what: value`, or `what: error NAME` with the name of the
//! error's kind.

use std::fs;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::Duration;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["cat"] => cat(),
        ["exit", status] => std::process::exit(status.parse().unwrap_or(99)),
        ["fail"] => return Err("the milk is sour".to_owned()),
        ["panic"] => boil(),
        ["recurse"] => println!("{}", recurse(1)),
        ["spin"] => spin(),
        ["flood"] => flood(),
        ["surroundings", ..] => surroundings(),
        ["sockets", port] => sockets(port.parse().unwrap_or(1)),
        ["make-files"] => make_files(),
        ["files", commands @ ..] => commands.iter().for_each(|command| file(command)),
        other => return Err(format!("nobody taught me {other:?}")),
    }
    Ok(())
}

/// Copies its input to its output, to the end.
fn cat() {
    match io::copy(&mut io::stdin(), &mut io::stdout()) {
        Ok(count) => eprintln!("end after {count} bytes"),
        Err(error) => eprintln!("error {:?}", error.kind()),
    }
}

#[inline(never)]
fn boil() {
    panic!("the kettle is dry");
}

/// Goes as deep as it is let.
fn recurse(depth: u64) -> u64 {
    let deeper = std::hint::black_box([depth; 64])[7] + 1;
    if deeper == 0 { 0 } else { recurse(deeper) + 1 }
}

/// Computes without pause, for ever.
fn spin() {
    println!("spinning");
    let mut number = 0_u64;
    loop {
        number = std::hint::black_box(number.wrapping_add(1));
    }
}

/// Writes as much as anybody takes, for ever.
fn flood() {
    eprintln!("flooding");
    let line = [b'x'; 4096];
    while io::stdout().write_all(&line).is_ok() {}
    eprintln!("nobody reads");
}

fn surroundings() {
    println!("arguments: {:?}", std::env::args().collect::<Vec<_>>());
    println!("environment: {:?}", std::env::vars().collect::<Vec<_>>());
    println!("directory: {:?}", std::env::current_dir().unwrap_or_default());
}

fn say<T>(what: &str, result: io::Result<T>, show: impl FnOnce(T) -> String) {
    match result {
        Ok(value) => println!("{what}: {}", show(value)),
        Err(error) => println!("{what}: error {:?}", error.kind()),
    }
}

fn sockets(port: u16) {
    let there = SocketAddr::from(([127, 0, 0, 1], port));
    let here = SocketAddr::from(([127, 0, 0, 1], 0));
    say("connect", TcpStream::connect(there), |_| "open".to_owned());
    say("connect in time", TcpStream::connect_timeout(&there, Duration::from_secs(1)), |_| "open".to_owned());
    say("listen", TcpListener::bind(here), |_| "open".to_owned());
    say("send", UdpSocket::bind(here).and_then(|it| it.send_to(b"hi", there)), |_| "sent".to_owned());
    say("resolve", ("localhost", port).to_socket_addrs(), |_| "resolved".to_owned());
}

/// Makes files in `/tmp` without pause, for ever.
fn make_files() {
    for number in 0_u64.. {
        let made = fs::write(format!("/tmp/{}", number % 1000), "x");
        if number == 0 {
            say("first", made, |()| "done".to_owned());
        }
    }
}

/// One operation on files: `write:PATH`, `read:PATH`, `list:PATH`, `remove:PATH`, `make:PATH`.
fn file(command: &str) {
    let (verb, path) = command.split_once(':').unwrap_or((command, ""));
    match verb {
        "write" => say(command, fs::write(path, "written by the guest"), |()| "done".to_owned()),
        "read" => say(command, fs::read_to_string(path), |text| text),
        "list" => say(command, list(path), |names| names.join(" ")),
        "remove" => say(command, fs::remove_file(path), |()| "done".to_owned()),
        "make" => say(command, fs::create_dir_all(path), |()| "done".to_owned()),
        other => println!("nobody taught me {other:?}"),
    }
}

fn list(path: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
