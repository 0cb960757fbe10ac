#include "api/media_type.h"

#include <fmt/format.h>

#include <string>

#include "http/ascii.h"

namespace dunlin::api {

Result<Shape> accepted_shape(std::string_view accept) {
    if (http::trim(accept).empty()) return Shape::Array;
    for (std::string_view rest = accept; !rest.empty();) {
        const auto comma = rest.find(',');
        const auto item = http::trim(rest.substr(0, comma));
        rest = comma == rest.npos ? "" : rest.substr(comma + 1);
        const auto type = http::trim(item.substr(0, item.find(';')));
        if (item.find("nulls=stripped") != item.npos) continue;
        if (type == "*/*" || type == "application/*" || type == "application/json" ||
            type == "application/vnd.pgrst.array+json" || type == "application/vnd.pgrst.array") {
            return Shape::Array;
        }
        if (type == "application/vnd.pgrst.object+json" || type == "application/vnd.pgrst.object") {
            return Shape::SingleObject;
        }
    }
    return std::unexpected(Error{ErrorCode::NotAcceptable,
                                 fmt::format("None of these media types are available: {}", accept),
                                 "PGRST107"});
}

std::string_view content_type(Shape shape) {
    return shape == Shape::SingleObject ? "application/vnd.pgrst.object+json; charset=utf-8"
                                        : "application/json; charset=utf-8";
}

}  // namespace dunlin::api
