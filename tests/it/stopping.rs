//! F23, F24: a server that is stopped under load, by connections of its clients' own making.

use gatewright_tests::replica::Replica;
use gatewright_tests::server::Server;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::time::Instant;

const CLIENTS: usize = 16;
const LIVE: &str = "/health/live";

/// One answer's head, where the whole of it came.
fn exchange(stream: &mut TcpStream, path: &str) -> io::Result<String> {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")?;
    let (mut answer, mut bytes) = (String::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut bytes)?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        answer.push_str(&String::from_utf8_lossy(&bytes[..read]));
        if let Some((head, body)) = answer.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Ok(head);
            }
        }
    }
}

/// What one client saw until it was turned away, or sent elsewhere.
#[derive(Default)]
struct Seen {
    answered: u32,
    told_to_close: u32,
    lost: u32,
}

/// Sends request after request, on one connection for as long as the server keeps it where `keeps` says so.
fn client(address: String, keeps: bool, elsewhere: Arc<AtomicBool>) -> JoinHandle<Seen> {
    thread::spawn(move || {
        let mut seen = Seen::default();
        while !elsewhere.load(Ordering::Relaxed) {
            let Ok(mut stream) = TcpStream::connect(&address) else {
                return seen;
            };
            loop {
                let Ok(head) = exchange(&mut stream, LIVE) else {
                    seen.lost += 1;
                    break;
                };
                seen.answered += 1;
                let closes = head.contains("connection: close");
                seen.told_to_close += u32::from(closes);
                if closes || !keeps || elsewhere.load(Ordering::Relaxed) {
                    break;
                }
            }
        }
        seen
    })
}

/// A load balancer, which looks often and sends clients elsewhere once the server is not ready.
fn balancer(address: String, elsewhere: Arc<AtomicBool>) -> JoinHandle<()> {
    thread::spawn(move || {
        let is_ready = || {
            let mut stream = TcpStream::connect(&address)?;
            exchange(&mut stream, "/health/ready").map(|head| head.starts_with("http/1.1 200 "))
        };
        while is_ready().unwrap_or_default() {}
        elsewhere.store(true, Ordering::Relaxed);
    })
}

fn address_of(base_url: &str) -> String {
    base_url.trim_start_matches("http://").to_owned()
}

fn clients(address: &str, elsewhere: &Arc<AtomicBool>) -> Vec<JoinHandle<Seen>> {
    let clients = (0..2 * CLIENTS).map(|number| client(address.to_owned(), number % 2 == 0, Arc::clone(elsewhere)));
    clients.collect()
}

fn sum(clients: Vec<JoinHandle<Seen>>) -> Seen {
    clients.into_iter().fold(Seen::default(), |sum, client| {
        let seen = client.join().unwrap();
        Seen {
            answered: sum.answered + seen.answered,
            told_to_close: sum.told_to_close + seen.told_to_close,
            lost: sum.lost + seen.lost,
        }
    })
}

#[test]
fn f23_behind_a_balancer_a_stop_under_load_loses_no_request() {
    let mut server = Server::with(&[("SHUTDOWN_DELAY", "3s"), ("LOG_LEVEL", "warn")]);
    let (address, elsewhere) = (address_of(server.base_url()), Arc::<AtomicBool>::default());
    let clients = clients(&address, &elsewhere);
    let mut idle = TcpStream::connect(&address).unwrap();
    exchange(&mut idle, LIVE).unwrap();
    let balancer = balancer(address, Arc::clone(&elsewhere));
    let begun = Instant::now();
    server.terminate();
    balancer.join().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(3), "readiness is not off at once");
    let seen = sum(clients);
    assert_eq!(seen.lost, 0, "of {}", seen.answered);
    assert!(seen.told_to_close > 0);
    // Nobody used it any more: it is closed in order.
    assert_eq!(idle.read(&mut [0; 1]).unwrap(), 0);
    assert!(server.wait().success());
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[test]
fn f23_without_a_balancer_nobody_who_was_let_in_is_lost() {
    let mut server = Server::with(&[("SHUTDOWN_DELAY", "0s"), ("LOG_LEVEL", "warn")]);
    let (address, elsewhere) = (address_of(server.base_url()), Arc::<AtomicBool>::default());
    let clients = clients(&address, &elsewhere);
    exchange(&mut TcpStream::connect(&address).unwrap(), LIVE).unwrap();
    server.terminate();
    let seen = sum(clients);
    assert_eq!(seen.lost, 0, "of {}", seen.answered);
    assert!(server.wait().success());
}

#[test]
fn f24_a_second_signal_ends_it_at_once() {
    let mut server = Server::with(&[("SHUTDOWN_DELAY", "60s")]);
    server.terminate();
    while !server.output().contains("another signal ends it") {
        thread::yield_now();
    }
    // Signals that come together are one.
    let begun = Instant::now();
    let status = loop {
        server.terminate();
        let is_gone = |replica: &Replica| TcpStream::connect(address_of(replica.base_url())).is_err();
        if server.replicas().iter().all(is_gone) {
            break server.wait();
        }
    };
    assert_eq!(status.code(), Some(130));
    assert!(begun.elapsed() < Duration::from_secs(30));
}
