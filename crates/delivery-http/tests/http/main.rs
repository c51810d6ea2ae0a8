//! The routes over the use cases over fakes: what a client sees.

#[cfg(test)]
mod account;
#[cfg(test)]
mod connection;
#[cfg(test)]
mod cookies;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod log;
#[cfg(test)]
mod mailbox;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod mounting;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod password;
#[cfg(test)]
mod problems;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod registration;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod slow_clients;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod world;
