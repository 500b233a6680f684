diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    users (id) {
        id -> SqlId,
        login -> Text,
        display_name -> Text,
        password_hash -> Text,
        roles -> Jsonb,
        disabled -> Bool,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    api_keys (id) {
        id -> SqlId,
        name -> Text,
        hint -> Nullable<Text>,
        key_hash -> Binary,
        roles -> Jsonb,
        version -> BigInt,
        created_by -> Text,
        created_at -> SqlInstant,
        expires_at -> Nullable<SqlInstant>,
        last_used_at -> Nullable<SqlInstant>,
        revoked_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    sessions (id) {
        id -> SqlId,
        user_id -> SqlId,
        token_hash -> Binary,
        created_at -> SqlInstant,
        expires_at -> SqlInstant,
    }
}

diesel::joinable!(sessions -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(sessions, users);
