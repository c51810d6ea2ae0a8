//! User authentication to embed: configuration, wiring, and the instance they make.
//!
//! This is the composition root. It imports every adapter, the HTTP side and the application, and nothing imports it but the
//! binaries; `wiring` alone names adapters. Start reading at [`Gatewright`], then [`config`].
//!
//! A host application mounts it under any path:
//!
//! ```no_run
//! use actix_web::{App, HttpServer, web};
//! use gatewright::{Config, Gatewright, Given};
//! use std::sync::Arc;
//!
//! # async fn host() -> Result<(), Box<dyn std::error::Error>> {
//! // PUBLIC_BASE_URL=https://example.com/id
//! let config = Config::read(&Given::from_process())?;
//! let gatewright = Arc::new(Gatewright::build(config, 8080)?);
//! let background = gatewright.start_background_work()?;
//! let mounted = Arc::clone(&gatewright);
//! HttpServer::new(move || App::new().service(web::scope("/id").configure(mounted.mount())))
//!     .bind(("127.0.0.1", 8080))?
//!     .run()
//!     .await?;
//! background.stop().await;
//! gatewright.close().await;
//! # Ok(())
//! # }
//! ```

mod background;
pub mod config;
pub mod doctor;
mod gatewright;
pub mod start_error;
mod wiring;

pub use background::BackgroundWork;
pub use config::{Config, given::Given};
pub use gatewright::{Gatewright, bind, check};
pub use wiring::signing_keys::{LONGEST_ACTIVATION, SigningKeyInfo, list_signing_keys, rotate_signing_keys};
pub use wiring::storage::{MigrationStatus, migrate_down, migrate_up, migration_status};
