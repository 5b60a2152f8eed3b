//! The only `unsafe` of the program: what the operating system hands to a process at its start,
//! signal handlers, and the allocator. Each function is a safe wrapper, independent of its use.

mod allocator;
mod attributes;
mod entry;
mod listing;
#[cfg(all(target_arch = "x86_64", target_env = "musl"))]
mod memory;
mod passwd;
mod process;
mod signals;
mod window;

pub use allocator::Bump;
pub(crate) use attributes::copy as copy_attributes;
pub use entry::Ids;
pub use entry::environment;
pub use entry::ids;
pub use entry::secure_mode;
pub use entry::start;
#[cfg(target_os = "linux")]
pub(crate) use entry::started_as;
pub(crate) use listing::each_name;
pub(crate) use passwd::home;
pub(crate) use process::KILL_TIME;
pub(crate) use process::reap;
pub(crate) use signals::Children;
pub(crate) use signals::ENDING;
pub(crate) use signals::Trap;
pub(crate) use window::columns;
pub(crate) use window::rows;
