//! F22: clients that send slowly, or fetch slowly, are not waited for. A deadline that does not act makes a test hang.

use crate::connection::{exchange, one_answer, rest_of, start};
use crate::world::{Setup, World};
use gatewright_application::ports::gauges::{Gauge, GaugeSource};
use gatewright_delivery_http::settings::HttpSettings;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;

const LIVE: &str = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
const SOON: Duration = Duration::from_millis(40);
const NEVER: Duration = Duration::from_hours(1);

/// Every deadline far away but for those that `change` brings near.
fn world(change: impl FnOnce(&mut HttpSettings)) -> World {
    let mut http = HttpSettings {
        head_deadline: NEVER,
        body_deadline: NEVER,
        answer_deadline: NEVER,
        keep_alive: NEVER,
        ..Setup::default().http
    };
    change(&mut http);
    World::with(Setup {
        http,
        ..Setup::default()
    })
}

fn post(more: &str) -> String {
    format!("POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{more}\r\n\r\n")
}

/// Sends the same again and again, until the server has had enough of it.
fn drip(mut stream: tokio::net::tcp::OwnedWriteHalf, piece: &'static [u8]) -> JoinHandle<()> {
    actix_web::rt::spawn(async move {
        while stream.write_all(piece).await.is_ok() {
            tokio::time::sleep(SOON / 8).await;
        }
    })
}

#[actix_web::test]
async fn f22_a_head_that_does_not_end_is_not_waited_for() {
    let address = start(&world(|http| http.head_deadline = SOON));
    let answer = exchange(address, b"GET /health/live HTTP/1.1\r\nX: ").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[actix_web::test]
async fn f22_a_second_head_that_drips_is_cut() {
    let address = start(&world(|http| http.head_deadline = SOON));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(LIVE.as_bytes()).await.unwrap();
    assert!(one_answer(&mut stream).await.starts_with("HTTP/1.1 200 "));
    stream.write_all(b"GET /health/live HTTP/1.1\r\n").await.unwrap();
    let (mut answers, requests) = stream.into_split();
    let dripping = drip(requests, b"X: y\r\n");
    let mut rest = Vec::new();
    let _ = answers.read_to_end(&mut rest).await;
    assert!(rest.is_empty(), "{rest:?}");
    dripping.await.unwrap();
}

#[actix_web::test]
async fn f22_a_body_that_does_not_arrive_is_not_waited_for() {
    let address = start(&world(|http| http.body_deadline = SOON));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{}{{\"login\":", post("Content-Length: 100"));
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = rest_of(stream).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(
        answer.contains("request_timeout") && answer.contains("did not arrive in time"),
        "{answer}"
    );
    assert!(answer.contains("connection: close"), "{answer}");
}

#[actix_web::test]
async fn f22_a_body_that_drips_is_cut_however_many_bytes_come() {
    for (framing, piece) in [
        ("Content-Length: 60000", &b"       "[..]),
        ("Transfer-Encoding: chunked", b"1\r\n \r\n"),
    ] {
        let address = start(&world(|http| {
            (http.head_deadline, http.body_deadline) = (SOON, 2 * SOON);
        }));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(post(framing).as_bytes()).await.unwrap();
        let (mut answers, requests) = stream.into_split();
        let dripping = drip(requests, piece);
        let mut answer = Vec::new();
        let _ = answers.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 408 "), "{framing}: {answer}");
        dripping.await.unwrap();
    }
}

#[actix_web::test]
async fn f22_a_body_that_goes_on_after_its_answer_is_cut() {
    let address = start(&world(|http| http.head_deadline = SOON));
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Refused for its type, so its body is not read.
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = one_answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 415 "), "{answer}");
    let (mut answers, requests) = stream.into_split();
    let dripping = drip(requests, b"1\r\nx\r\n");
    let mut rest = Vec::new();
    let _ = answers.read_to_end(&mut rest).await;
    assert!(rest.is_empty(), "{rest:?}");
    dripping.await.unwrap();
}

#[actix_web::test]
async fn f22_a_body_that_stops_after_its_answer_holds_no_connection() {
    let address = start(&world(|http| http.keep_alive = SOON));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = rest_of(stream).await;
    assert!(answer.starts_with("HTTP/1.1 415 "), "{answer}");
}

#[actix_web::test]
async fn f22_an_answer_that_nobody_fetches_is_not_kept() {
    let world = world(|http| http.answer_deadline = SOON);
    let address = start(&world);
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(1024).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    // More than the buffers of both sides hold.
    let request = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(16);
    stream.write_all(request.as_bytes()).await.unwrap();
    let connections = || {
        let mut open = f64::NAN;
        world.traffic.read(&mut |gauge, value| {
            if gauge == Gauge::HttpConnections {
                open = value;
            }
        });
        open
    };
    while connections() < 1.0 {
        tokio::task::yield_now().await;
    }
    while connections() > 0.0 {
        tokio::time::sleep(SOON / 8).await;
    }
    let fetched = rest_of(stream).await;
    assert!(fetched.starts_with("HTTP/1.1 200 ") && !fetched.ends_with("\r\n\r\n"));
}

#[actix_web::test]
async fn an_idle_connection_is_kept_for_its_time_and_closed_in_order() {
    // actix' own clock for this moves twice a second.
    let address = start(&world(|http| {
        (http.head_deadline, http.keep_alive) = (SOON, Duration::from_secs(2));
    }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        stream.write_all(LIVE.as_bytes()).await.unwrap();
        assert!(one_answer(&mut stream).await.starts_with("HTTP/1.1 200 "));
        // Longer than a head may take, shorter than a connection is kept.
        tokio::time::sleep(2 * SOON).await;
    }
    let mut rest = Vec::new();
    assert_eq!(stream.read_to_end(&mut rest).await.unwrap(), 0);
}
