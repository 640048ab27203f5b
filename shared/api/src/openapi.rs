//! The machine-readable description of the API (OpenAPI 3.1), written from the list of calls and from the very types that are
//! read and answered.

use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn, PathItemBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder, Required,
    ResponseBuilder,
};

use super::call::{Answer, Content, Endpoint, Parameter, Place, Scope};
use super::endpoint;
use super::schema::{Named, Schema};
use model::base_url::BaseUrl;
use service::http::problem::Document;

/// The name of the way in which calls are authorised.
const ADMIN_KEY: &str = "admin_key";
/// The name of the way in which calls of the usage report are.
const USAGE_KEY: &str = "usage_key";
/// The name of the way in which calls of ingest are.
const INGEST_TOKEN: &str = "ingest_token";

/// The description of all calls, for a service that is reached at `base_url`.
#[must_use]
pub fn describe(base_url: &BaseUrl) -> OpenApi {
    let mut schemas = Named::new();
    (Schema::of::<Document>().collect)(&mut schemas);
    let mut paths = PathsBuilder::new();
    for endpoint in endpoint::all() {
        for schema in endpoint.schemas() {
            (schema.collect)(&mut schemas);
        }
        let item = PathItemBuilder::new().operation(method(endpoint), operation(endpoint));
        paths = paths.path(endpoint.path, item.build());
    }
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An admin key.")).build();
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An ingest token.")).build();
    let own = ApiKeyValue::with_description("x-api-key", "An admin key of one organisation.");
    let components = schemas.into_iter().fold(ComponentsBuilder::new(), |all, (name, schema)| all.schema(name, schema));
    let info = InfoBuilder::new()
        .title("Claude Code telemetry")
        .version(model::VERSION)
        .description(Some("The admin API of a self-hosted home for Claude Code's OpenTelemetry data."));
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([utoipa::openapi::Server::new(base_url.as_str())]))
        .paths(paths.build())
        .components(Some(
            components
                .security_scheme(ADMIN_KEY, SecurityScheme::Http(bearer))
                .security_scheme(INGEST_TOKEN, SecurityScheme::Http(token))
                .security_scheme(USAGE_KEY, SecurityScheme::ApiKey(ApiKey::Header(own)))
                .build(),
        ))
        .build()
}

impl Endpoint {
    fn schemas(&self) -> impl Iterator<Item = Schema> {
        let answers = self.answers.iter().filter_map(|answer| match answer.content {
            Content::Json(schema) => Some(schema),
            Content::Nothing | Content::Foreign(_) => None,
        });
        self.body.into_iter().chain(answers)
    }
}

fn method(endpoint: &Endpoint) -> HttpMethod {
    match endpoint.method.as_str() {
        "PUT" => HttpMethod::Put,
        "POST" => HttpMethod::Post,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(endpoint: &Endpoint) -> utoipa::openapi::path::Operation {
    let mut operation =
        OperationBuilder::new().operation_id(Some(endpoint.operation.name())).summary(Some(endpoint.summary));
    for name in endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        operation = operation.parameter(text_parameter(name, ParameterIn::Path, "").required(Required::True).build());
    }
    for Parameter { name, description, place } in endpoint.parameters {
        let place = match place {
            Place::Query => ParameterIn::Query,
            Place::Header => ParameterIn::Header,
        };
        operation = operation.parameter(text_parameter(name, place, description).required(Required::False).build());
    }
    if let Some(body) = endpoint.body {
        let content = ContentBuilder::new().schema(Some(body.reference())).build();
        operation =
            operation.request_body(Some(RequestBodyBuilder::new().content("application/json", content).build()));
    }
    for answer in endpoint.answers {
        operation = operation.response(answer.status.to_string(), response(answer).build());
    }
    let key = match endpoint.scope {
        Scope::Open => None,
        Scope::Key | Scope::Organisation => Some(ADMIN_KEY),
        Scope::OwnOrganisation => Some(USAGE_KEY),
        Scope::IngestToken => Some(INGEST_TOKEN),
    };
    if let Some(key) = key {
        operation = operation.security(SecurityRequirement::new(key, Vec::<String>::new()));
    }
    let refusal = match endpoint.scope {
        Scope::OwnOrganisation => {
            foreign(ResponseBuilder::new().description("An error; its `type` says which."), "application/json")
        }
        Scope::IngestToken => {
            let status = ResponseBuilder::new().description("A google.rpc.Status; its `message` says what to do.");
            foreign(status, "application/json")
        }
        Scope::Open | Scope::Key | Scope::Organisation => {
            let problem = ContentBuilder::new().schema(Some(Schema::of::<Document>().reference())).build();
            let refusal = ResponseBuilder::new().description("A problem; its `code` says which.");
            refusal.content("application/problem+json", problem)
        }
    };
    operation.response("default", refusal.build()).build()
}

fn text_parameter(name: &str, place: ParameterIn, description: &str) -> ParameterBuilder {
    let schema = ObjectBuilder::new().schema_type(Type::String).build();
    let description = Some(description).filter(|text| !text.is_empty());
    ParameterBuilder::new().name(name).parameter_in(place).description(description).schema(Some(schema))
}

fn response(answer: &Answer) -> ResponseBuilder {
    let response = ResponseBuilder::new().description(answer.description);
    match answer.content {
        Content::Nothing => response,
        Content::Json(schema) => {
            response.content("application/json", ContentBuilder::new().schema(Some(schema.reference())).build())
        }
        Content::Foreign(types) => types.iter().copied().fold(response, foreign),
    }
}

/// Adds what is in another's form: an object in JSON, else a text.
fn foreign(response: ResponseBuilder, media_type: &str) -> ResponseBuilder {
    let form = if media_type == "application/json" { Type::Object } else { Type::String };
    let schema = ObjectBuilder::new().schema_type(form).build();
    response.content(media_type, ContentBuilder::new().schema(Some(schema)).build())
}
