//! Parsing the texts of jackin's config.toml and workspace files, and of our exec.toml and
//! catalog.d.
//!
//! It takes texts and returns values: it reads no file and does not merge scopes.

mod error;
mod manifest;
mod name;
mod sorted;
mod table;
mod plain;
mod document;
mod value;
mod version;
mod provider;
mod header;
mod refused;
mod jackin;
mod folder;
mod rows;
mod exec;

pub use document::Placed;
pub use error::Error;
pub use error::Offence;
pub use error::OtherRow;
pub use error::Place;
pub use error::Problem;
pub use error::refuse;
pub use exec::ExecToml;
pub use exec::ExecWorkspace;
pub use exec::Ignores;
pub use exec::exec;
pub use folder::ExecFolder;
pub use header::Header;
pub use jackin::Global;
pub use jackin::Workspace;
pub use jackin::WorkspaceRole;
pub use jackin::global;
pub use jackin::workspace;
pub use manifest::role_model;
pub use name::EnvName;
pub use name::changes_the_host;
pub use name::is_identifier;
pub use name::is_workspace_name;
pub use provider::KeySetting;
pub use provider::NEEDED;
pub use provider::ProviderTable;
pub use provider::WrongProvider;
pub use provider::is_model_id;
pub use provider::is_needed;
pub use refused::BUILT_IN_ROLES;
pub use refused::refused_in_global;
pub use refused::refused_in_workspace;
pub use rows::FoundRow;
pub use rows::OwnRows;
pub use rows::rows;
pub use sorted::Iter;
pub use sorted::Sorted;
pub use value::COMMAND_TIMEOUT;
pub use value::Declared;
pub use value::EnvValue;
pub use value::HelperCommand;
pub use value::OpReference;
pub use value::Variables;
pub use value::host_reference;
pub use value::is_op_reference;
pub use version::NEW_GLOBAL;
