//! Against real servers: a shared one, a cluster, and private ones that are killed, halted and filled up.

#[cfg(test)]
mod announcing;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod tls;
