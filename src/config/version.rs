//! The `version` key of jackin's files.

use crate::config::document::Document;
use crate::config::error::Error;
use crate::config::table::Table;

/// The newest version of config.toml that this program knows (jackin 0.6.4).
pub(super) const GLOBAL_VERSION: (u32, u32, u32) = (1, 0, 9);

/// What a new config.toml begins with.
pub const NEW_GLOBAL: &str = "version = \"v1alpha9\"\n";

/// The newest version of a workspace file that this program knows (jackin 0.6.4).
pub(super) const WORKSPACE_VERSION: (u32, u32, u32) = (1, 0, 8);

/// The workspace version that removed `op_account`.
const OP_ACCOUNT_GONE: (u32, u32, u32) = (1, 0, 5);

/// How a `version` key affects reading.
pub(super) struct Version {
    pub(super) newer: bool,
    pub(super) has_op_account: bool,
}

impl Document<'_> {
    pub(super) fn version(
        self,
        table: &Table<'_>,
        newest: (u32, u32, u32),
    ) -> Result<Version, Error> {
        const FORM: &str = "a version such as \"v1alpha9\"";
        let Some(value) = table.get("version") else {
            return Ok(Version { newer: false, has_op_account: true });
        };
        let text = value.get_ref().as_str().ok_or_else(|| self.expected(value, FORM))?;
        let version = version_order(text).ok_or_else(|| self.expected(value, FORM))?;
        Ok(Version { newer: version > newest, has_op_account: version < OP_ACCOUNT_GONE })
    }
}

/// `vN`, `vNbetaM` or `vNalphaM` as numbers that sort in order: alpha < beta < stable.
fn version_order(text: &str) -> Option<(u32, u32, u32)> {
    let rest = text.strip_prefix('v')?;
    if let Some((major, minor)) = rest.split_once("alpha") {
        return Some((number(major)?, 0, number(minor)?));
    }
    if let Some((major, minor)) = rest.split_once("beta") {
        return Some((number(major)?, 1, number(minor)?));
    }
    Some((number(rest)?, 2, 0))
}

/// A number without sign and leading zeros.
fn number(digits: &str) -> Option<u32> {
    let is_padded = digits.starts_with('0') && digits != "0";
    if is_padded || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_has_the_newest_version() {
        let version =
            NEW_GLOBAL.strip_prefix("version = \"").unwrap().strip_suffix("\"\n").unwrap();
        assert_eq!(version_order(version), Some(GLOBAL_VERSION));
    }

    #[test]
    fn versions_order_as_jackin_orders_them() {
        let order = ["v1alpha1", "v1alpha9", "v1alpha10", "v1beta1", "v1", "v2alpha1"];
        assert!(order.iter().map(|text| version_order(text).unwrap()).is_sorted());
        for text in ["", "1", "v", "v01", "v1alpha", "v1alpha01", "v1gamma1", "v1alpha-1", "v1.0"] {
            assert_eq!(version_order(text), None, "{text}");
        }
    }
}
