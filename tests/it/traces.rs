//! Traces leave over OTLP, hold nothing secret, and hold nobody up.

use gatewright_tests::client::PASSWORD;
use gatewright_tests::replica::Replica;
use gatewright_tests::server::Server;
use reqwest::Method;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;
use tokio::time::Instant;

/// How long a delivery may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(20);

const ANN: &str = "ann@example.org";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// What a collector received: the path, and the spans as protobuf.
struct Delivery {
    path: String,
    spans: Vec<u8>,
}

impl Delivery {
    fn holds(&self, bytes: &[u8]) -> bool {
        self.spans.windows(bytes.len()).any(|window| window == bytes)
    }
}

/// A collector of OTLP over HTTP: takes what comes and passes it on.
fn collector() -> (String, Receiver<Delivery>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, deliveries) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let sender = sender.clone();
            thread::spawn(move || {
                let mut stream = BufReader::new(stream.unwrap());
                while let Some(delivery) = receive(&mut stream) {
                    let answer =
                        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
                    stream.get_mut().write_all(answer).unwrap();
                    if sender.send(delivery).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (url, deliveries)
}

fn receive(stream: &mut BufReader<TcpStream>) -> Option<Delivery> {
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut spans = vec![0; length];
    stream.read_exact(&mut spans).ok()?;
    Some(Delivery { path, spans })
}

fn server_with(endpoint: &str) -> Server {
    Server::with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_BSP_SCHEDULE_DELAY", "20"),
        ("LOG_FORMAT", "json"),
    ])
}

/// The first delivery that holds `text`.
fn delivery_with(deliveries: &Receiver<Delivery>, text: &str) -> Delivery {
    loop {
        let delivery = deliveries.recv_timeout(PATIENCE).unwrap();
        if delivery.holds(text.as_bytes()) {
            return delivery;
        }
    }
}

fn bytes_of(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[tokio::test]
async fn a_request_is_a_span_below_that_of_its_caller() {
    let (endpoint, deliveries) = collector();
    let server = server_with(&endpoint);
    let client = server.client();
    let traceparent = format!("00-{TRACE}-{CALLER}-01");
    let request = client
        .request(Method::GET, "/api/v1/users/me")
        .header("traceparent", traceparent);
    client.send(request).await.expect_problem(401, "invalid_token");
    let delivery = delivery_with(&deliveries, "GET /api/v1/users/me");
    assert_eq!(delivery.path, "/v1/traces");
    assert!(delivery.holds(&bytes_of(TRACE)) && delivery.holds(&bytes_of(CALLER)));
    assert!(delivery.holds(b"service.name") && delivery.holds(b"gatewright"));
}

#[tokio::test]
async fn a51_spans_hold_no_secret_and_no_address() {
    let (endpoint, deliveries) = collector();
    let mut server = server_with(&endpoint);
    let client = server.client();
    let mailbox = server.mailbox();
    let ann = client.register(&mailbox, ANN, PASSWORD).await;
    client
        .get_as(&ann.access_token, "/users/me")
        .await
        .expect(200)
        .text_at("/id");
    client
        .refresh(&ann.refresh_token)
        .await
        .expect(200)
        .text_at("/access_token");
    let (code, link) = (mailbox.to(ANN)[0].code(), mailbox.to(ANN)[0].token());
    client
        .get(&format!("/verify-registration?token={link}"))
        .await
        .header("content-type");
    let forged = client
        .request(Method::GET, "/nowhere-canary")
        .header("traceparent", "canary");
    client.send(forged).await.expect_problem(404, "not_found");
    server.terminate();
    assert!(server.wait().success());
    drop(server);
    let mut spans = Vec::new();
    while let Ok(delivery) = deliveries.recv_timeout(Duration::from_millis(200)) {
        spans.extend(delivery.spans);
    }
    let all = Delivery {
        path: String::new(),
        spans,
    };
    for expected in [
        "POST /api/v1/auth/register/verify",
        "GET /verify-registration",
        "GET unmatched",
        "mail",
    ] {
        assert!(all.holds(expected.as_bytes()), "{expected} is not among the spans");
    }
    for secret in [
        PASSWORD,
        &ann.access_token,
        &ann.refresh_token,
        &code,
        &link,
        ANN,
        "canary",
        "127.0.0.1",
    ] {
        assert!(!all.holds(secret.as_bytes()), "{secret} is among the spans");
    }
}

#[tokio::test]
async fn a_collector_that_is_away_is_told_of_once_and_missed_by_nobody() {
    // A port on which nobody listens.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{nobody}");
    let mut server = Server::with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", nobody.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "20"),
        // As in a container that knows no authorities.
        ("SSL_CERT_FILE", "/nonexistent"),
        ("SSL_CERT_DIR", "/nonexistent"),
    ]);
    let client = server.client();
    let times_told = |replica: &Replica| replica.output().matches("traces cannot be delivered").count();
    while server.replicas().iter().any(|replica| times_told(replica) == 0) {
        client.get("/health/live").await.expect(200).text_at("/status");
    }
    for _ in 0..200 {
        client.get("/health/live").await.expect(200).text_at("/status");
    }
    server.terminate();
    assert!(server.wait().success());
    for replica in server.replicas() {
        assert_eq!(times_told(replica), 1, "{}", replica.output());
    }
}

#[tokio::test]
async fn a_collector_that_never_answers_holds_up_neither_requests_nor_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let mut server = Server::with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "300000"),
        ("OTEL_BSP_SCHEDULE_DELAY", "20"),
    ]);
    let client = server.client();
    client.get("/health/live").await.expect(200).text_at("/status");
    // It took the connection and the spans, and says nothing.
    let (_silent, _) = listener.accept().unwrap();
    let begun = Instant::now();
    for _ in 0..100 {
        client.get("/health/live").await.expect(200).text_at("/status");
    }
    assert!(begun.elapsed() < Duration::from_mins(1));
    let begun = Instant::now();
    server.terminate();
    assert!(server.wait().success());
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
}
