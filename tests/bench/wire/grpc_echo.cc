// SPDX-License-Identifier: Apache-2.0
//
// The peer: an empty call on gRPC C++ as Debian has it, callback API, TLS with client certificates verified. C++
// because the peer is C++; nothing of VRX is in here.
//
//   usage: grpc_echo CERTIFICATE KEY CLIENT-CA      prints "port N", serves until it is killed
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <grpcpp/grpcpp.h>

#include "echo.grpc.pb.h"

namespace {

std::string ReadFile(const char *path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        std::cerr << path << ": cannot be read\n";
        std::exit(1);
    }
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class EchoService final : public bench::Echo::CallbackService {
    grpc::ServerUnaryReactor *Call(grpc::CallbackServerContext *context, const bench::Nothing *,
        bench::Nothing *) override {
        grpc::ServerUnaryReactor *reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }
};

} // namespace

int main(int argc, char **argv) {
    if (argc != 4) {
        std::cerr << "usage: grpc_echo CERTIFICATE KEY CLIENT-CA\n";
        return 2;
    }
    grpc::SslServerCredentialsOptions tls(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    tls.pem_root_certs = ReadFile(argv[3]);
    tls.pem_key_cert_pairs.push_back({ReadFile(argv[2]), ReadFile(argv[1])});
    EchoService service;
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
    builder.RegisterService(&service);
    std::unique_ptr<grpc::Server> server(builder.BuildAndStart());
    if (!server || !port)
        return 1;
    std::cout << "port " << port << std::endl;
    server->Wait();
    return 0;
}
