use database::sql_types::{SqlId, SqlInstant};

diesel::table! {
    use diesel::sql_types::*;
    use super::{SqlId, SqlInstant};

    idempotency_keys (caller, key) {
        caller -> Text,
        key -> Text,
        fingerprint -> Binary,
        reserved_id -> SqlId,
        leased_until -> SqlInstant,
        expires_at -> SqlInstant,
        status -> Nullable<Integer>,
        content_type -> Nullable<Text>,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;

    service_secrets (name) {
        name -> Text,
        secret -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{SqlId, SqlInstant};

    audit_entries (id) {
        id -> SqlId,
        at -> SqlInstant,
        actor -> Text,
        action -> Text,
        resource -> Text,
        resource_id -> SqlId,
        traceparent -> Nullable<Text>,
    }
}
