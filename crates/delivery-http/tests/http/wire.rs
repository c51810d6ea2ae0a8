//! What only shows on a real connection: framing.

use crate::connection::{exchange, start};
use crate::world::World;

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
async fn what_is_no_path_is_answered_like_any_other_request() {
    let world = World::new();
    let address = start(&world);
    for request in ["OPTIONS *", "GET *", "OPTIONS /nowhere", "GET http://x/nowhere"] {
        let answer = exchange(
            address,
            format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{request}: {answer}");
        assert!(
            answer.contains("x-request-id: ") && answer.contains("not_found"),
            "{request}: {answer}"
        );
    }
}
