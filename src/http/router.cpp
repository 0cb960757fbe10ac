#include <algorithm>

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

void Router::set_fallback(Handler handler) { fallback_ = std::move(handler); }

Router::Match Router::find(Method method, std::string_view path) const {
    const Route* best = nullptr;
    for (const Route& candidate : routes_) {
        const bool matches = candidate.prefix ? path.starts_with(candidate.path) : path == candidate.path;
        if (matches && (best == nullptr || candidate.path.size() > best->path.size())) best = &candidate;
    }
    Match match;
    if (best == nullptr) {
        if (fallback_) match.handler = &fallback_;
        return match;
    }
    if (best->websocket) match.websocket = &best->websocket;
    for (const auto& [known, handler] : best->handlers) {
        if (known == method) match.handler = &handler;
        if (!match.allowed.empty()) match.allowed += ", ";
        match.allowed += method_name(known);
    }
    return match;
}

}  // namespace dunlin::http
