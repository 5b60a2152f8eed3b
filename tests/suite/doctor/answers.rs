//! What endpoints answer, and what that means. tests/e2e has the same table, for the real client.

/// The status, the body and what `doctor` has to say. The bodies are those that users report (facts
/// of the providers' threads).
pub(crate) const ANSWERS: &[(u16, &str, &str)] = &[
    (
        401,
        r#"{"type":"error","error":{"type":"authentication_error","message":"invalid api key"}}"#,
        "does not know this key (401)",
    ),
    (
        401,
        r#"{"error":{"message":"this key belongs to another region"}}"#,
        "refuses this key for this endpoint",
    ),
    (
        403,
        r#"{"type":"error","error":{"type":"permission_error","message":"no"}}"#,
        "refuses this key for this endpoint",
    ),
    (
        403,
        r#"{"error":{"type":"access_terminated_error","message":"We are sorry"}}"#,
        "its plan has lapsed (403)",
    ),
    (404, "<html>404 page not found</html>", "nothing at this path (404)"),
    (
        404,
        r#"{"type":"error","error":{"type":"not_found_error","message":"there is nothing here"}}"#,
        "nothing at this path (404)",
    ),
    (
        404,
        r#"{"type":"error","error":{"type":"not_found_error","message":"model: m-x"}}"#,
        "does not serve this model",
    ),
    (
        400,
        r#"{"error":{"code":"1211","message":"Unknown Model, please check the model code."}}"#,
        "does not serve this model",
    ),
    (
        400,
        r#"{"error":{"message":"tool_reference is not supported"}}"#,
        "refuses the request (400)",
    ),
    (402, r#"{"error":{"message":"Insufficient Balance"}}"#, "its quota or balance is used up"),
    (
        429,
        r#"{"type":"error","error":{"type":"rate_limit_error","message":"usage limit reached"}}"#,
        "its quota or balance is used up",
    ),
    (
        529,
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
        "is down or busy (529)",
    ),
];
