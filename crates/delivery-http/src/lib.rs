//! The HTTP API of Gatewright on actix-web: extractors, endpoints, problems, pages and the OpenAPI document.
//!
//! An endpoint extracts (body, client, identity), runs **one** use case and maps its outcome; rules live further
//! inside. The crate imports `gatewright-application` and `gatewright-domain` only, and never an adapter.
//!
//! Start reading at [`routes`], the whole table, then `session::sign_in` for a typical endpoint; every error on
//! its way out passes `problem`, and every answer `middleware::envelope`.

mod account;
mod answer;
mod cookies;
mod csrf;
pub mod development;
mod endpoint;
mod extract;
mod middleware;
mod openapi;
mod operations;
mod pages;
mod password;
mod problem;
mod registration;
pub mod routes;
mod schema;
pub mod server;
mod session;
pub mod settings;
pub mod state;
pub mod traffic;
