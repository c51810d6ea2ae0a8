//! F23, F24: a stop loses no request.

use crate::connection::{Stoppable, exchange, one_answer, rest_of, start, start_stoppable};
use crate::world::{Setup, World};
use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

const LIVE: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
const READY: &[u8] = b"GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n";

/// A dependency that answers when it is let.
struct Gated {
    asked: Semaphore,
    let_through: Semaphore,
}

#[async_trait]
impl HealthProbe for Gated {
    fn name(&self) -> &'static str {
        "gated"
    }

    async fn check(&self) -> Result<(), PortError> {
        self.asked.add_permits(1);
        self.let_through.acquire().await.unwrap().forget();
        Ok(())
    }
}

#[actix_web::test]
async fn f23_a_draining_server_is_not_ready_and_closes_the_connections_it_has() {
    let world = World::new();
    let address = start(&world);
    world.state.drain();
    let answer = exchange(address, READY).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

#[actix_web::test]
async fn f23_during_the_delay_all_goes_on_but_readiness() {
    let world = World::new();
    let Stoppable { address, stop, stopped } = start_stoppable(&world, Duration::from_hours(1));
    let mut kept = TcpStream::connect(address).await.unwrap();
    kept.write_all(LIVE).await.unwrap();
    one_answer(&mut kept).await;
    stop.send(()).unwrap();
    while !exchange_closing(address, READY).await.starts_with("HTTP/1.1 503 ") {}
    let answer = exchange(address, LIVE).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("connection: close"),
        "{answer}"
    );
    kept.write_all(LIVE).await.unwrap();
    let answer = rest_of(kept).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("connection: close"),
        "{answer}"
    );
    stopped.abort();
}

/// Also where the server would keep the connection.
async fn exchange_closing(address: std::net::SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    one_answer(&mut stream).await
}

#[actix_web::test]
async fn f23_idle_connections_are_closed_and_the_server_ends_without_waiting_for_them() {
    let world = World::new();
    let Stoppable { address, stop, stopped } = start_stoppable(&world, Duration::ZERO);
    let mut kept = TcpStream::connect(address).await.unwrap();
    kept.write_all(LIVE).await.unwrap();
    one_answer(&mut kept).await;
    stop.send(()).unwrap();
    assert_eq!(rest_of(kept).await, "");
    stopped.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[actix_web::test]
async fn f24_what_is_under_way_is_answered_and_so_is_who_connected_before() {
    let probe = Arc::new(Gated {
        asked: Semaphore::new(0),
        let_through: Semaphore::new(0),
    });
    let world = World::with(Setup {
        probes: vec![probe.clone()],
        ..Setup::default()
    });
    let Stoppable { address, stop, stopped } = start_stoppable(&world, Duration::ZERO);
    let mut under_way = TcpStream::connect(address).await.unwrap();
    under_way.write_all(READY).await.unwrap();
    probe.asked.acquire().await.unwrap().forget();
    let mut kept = TcpStream::connect(address).await.unwrap();
    kept.write_all(LIVE).await.unwrap();
    one_answer(&mut kept).await;
    // Connected, and yet to say what it wants.
    let mut silent = TcpStream::connect(address).await.unwrap();
    stop.send(()).unwrap();
    assert_eq!(rest_of(kept).await, "");
    silent.write_all(LIVE).await.unwrap();
    let answer = rest_of(silent).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("connection: close"),
        "{answer}"
    );
    assert!(!stopped.is_finished());
    probe.let_through.add_permits(1);
    let answer = rest_of(under_way).await;
    assert!(
        answer.starts_with("HTTP/1.1 503 ") && answer.contains("connection: close"),
        "{answer}"
    );
    stopped.await.unwrap().unwrap();
}
