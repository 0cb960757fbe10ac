#include "http/ascii.h"
#include "http/server.h"

namespace dunlin::http {

Router::Route& Router::route(const std::string& path) {
    const bool prefix = path.ends_with("/*");
    const std::string base = prefix ? path.substr(0, path.size() - 1) : path;
    for (Route& known : routes_) {
        if (known.path == base && known.prefix == prefix) return known;
    }
    routes_.push_back({.path = base, .prefix = prefix});
    return routes_.back();
}

void Router::add(Method method, std::string path, Handler handler) {
    route(path).handlers.emplace_back(method, std::move(handler));
}

void Router::add_websocket(std::string path, WebSocketFactory factory) {
    route(path).websocket = std::move(factory);
}

void Router::set_fallback(Handler handler) {
    fallback_ = std::move(handler);
}

const Router::Route* Router::best_of(std::string_view path) const {
    const Route* best = nullptr;
    for (const Route& candidate : routes_) {
        const bool matches =
            candidate.prefix ? path.starts_with(candidate.path) : path == candidate.path;
        if (matches && (best == nullptr || candidate.path.size() > best->path.size())) {
            best = &candidate;
        }
    }
    return best;
}

/// RFC 9110 section 10.2.1: the methods of a path, for Allow.
std::string Router::allowed_of(const Route& route) {
    std::string allowed;
    const auto add = [&](Method method) {
        if (contains_token(allowed, method_name(method))) return;
        allowed += (allowed.empty() ? "" : ", ") + std::string(method_name(method));
    };
    if (route.websocket) add(Method::Get);
    for (const auto& [method, handler] : route.handlers) {
        add(method);
        if (method == Method::Get) add(Method::Head);
    }
    return allowed;
}

Router::Match Router::find(Method method, std::string_view path) const {
    Match match;
    const Route* route = best_of(path);
    if (route == nullptr) {
        if (fallback_) match.handler = &fallback_;
        return match;
    }
    if (route->websocket) match.websocket = &route->websocket;
    for (const auto& [known, handler] : route->handlers) {
        const bool stands_in = method == Method::Head && known == Method::Get;
        if (known == method || (stands_in && match.handler == nullptr)) match.handler = &handler;
    }
    if (match.handler == nullptr) match.allowed = allowed_of(*route);
    return match;
}

}  // namespace dunlin::http
