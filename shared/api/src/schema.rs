//! Schemas of what is read and answered, by the names of their types.

use std::borrow::Cow;

use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use service::http::page::Page;

pub(super) type Named = Vec<(String, RefOr<utoipa::openapi::Schema>)>;

/// The schema of a type, by name.
#[derive(Clone, Copy)]
pub struct Schema {
    pub(super) name: fn() -> Cow<'static, str>,
    pub(super) collect: fn(&mut Named),
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&(self.name)())
    }
}

impl Schema {
    /// The schema of `T`.
    #[must_use]
    pub const fn of<T: ToSchema>() -> Self {
        Self {
            name: T::name,
            collect: |all| {
                all.push((T::name().into_owned(), <T as PartialSchema>::schema()));
                T::schemas(all);
            },
        }
    }

    /// The schema of a page of `T`s, under a name of its own.
    #[must_use]
    pub const fn page_of<T: ToSchema>() -> Self {
        Self {
            name: || Cow::Owned(format!("{}Page", T::name())),
            collect: |all| {
                all.push((format!("{}Page", T::name()), <Page<T> as PartialSchema>::schema()));
                all.push((T::name().into_owned(), <T as PartialSchema>::schema()));
                <Page<T> as ToSchema>::schemas(all);
            },
        }
    }

    pub(super) fn reference(self) -> RefOr<utoipa::openapi::Schema> {
        RefOr::Ref(Ref::from_schema_name((self.name)()))
    }
}
