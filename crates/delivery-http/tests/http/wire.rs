//! What only shows on a real connection: framing, deadlines, closing.

use crate::world::{Setup, World};
use gatewright_delivery_http::server;
use gatewright_delivery_http::settings::HttpSettings;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn start(world: &World) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = server::serve(
        listener,
        Arc::clone(&world.state),
        NonZeroUsize::MIN,
        Duration::from_secs(1),
    )
    .unwrap();
    actix_web::rt::spawn(server);
    address
}

/// Sends `request` and reads until the server closes the connection or says nothing more.
async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may answer and close before it has taken everything.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn head(more: &str) -> String {
    format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n{more}\r\n\r\n"
    )
}

#[actix_web::test]
async fn a16_a_body_without_an_announced_length_is_bounded_too() {
    let address = start(&World::new());
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    let request = format!("{}{}0\r\n\r\n", head("Transfer-Encoding: chunked"), chunk.repeat(64));
    let answer = exchange(address, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("payload_too_large"), "{answer}");
}

#[actix_web::test]
async fn f22_a_body_that_does_not_arrive_is_not_waited_for() {
    let world = World::with(Setup {
        http: HttpSettings {
            body_deadline: Duration::from_millis(20),
            ..Setup::default().http
        },
        ..Setup::default()
    });
    let request = format!("{}{{\"login\":", head("Content-Length: 100"));
    let answer = exchange(start(&world), request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("did not arrive in time"), "{answer}");
}

#[actix_web::test]
async fn a85_a_request_that_is_framed_in_two_ways_is_refused() {
    let address = start(&World::new());
    for framing in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: xchunked",
        "Content-Length: +5",
        "X: a\r\n folded",
    ] {
        let answer = exchange(address, format!("{}0\r\n\r\n", head(framing)).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{framing}: {answer}");
    }
}

#[actix_web::test]
async fn f23_a_draining_server_closes_the_connections_it_has() {
    let world = World::new();
    let address = start(&world);
    world.state.drain();
    let answer = exchange(address, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
}
