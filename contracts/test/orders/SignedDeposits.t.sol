// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Order} from "../../src/engine/EngineTypes.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineEvents} from "../../src/interfaces/IEngineEvents.sol";
import {IEngineExtension} from "../../src/interfaces/IEngineExtension.sol";
import {IOrderDesk} from "../../src/interfaces/IOrderDesk.sol";
import {IPermit2} from "../../src/interfaces/IPermit2.sol";
import {Permit2Double} from "../doubles/Permit2Double.sol";
import {TestUsdc} from "../fixtures/TestUsdc.sol";
import {OrdersFixture} from "./OrdersFixture.sol";

/// @notice USDC with EIP-2612, as it is on real chains.
contract PermitUsdc is ERC20Permit("Test USDC") {
    uint256 private _feeBps;

    constructor() ERC20("Test USDC", "USDC") {}

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function mint(address to, uint256 assets) external {
        _mint(to, assets);
    }

    function setTransferFee(uint256 bps) external {
        _feeBps = bps;
    }

    function _update(address from, address to, uint256 assets) internal override {
        super._update(from, to, assets);
        if (_feeBps != 0 && from != address(0) && to != address(0)) {
            super._update(to, address(0), assets * _feeBps / 1e4);
        }
    }
}

/// @notice Deposits by a signature, alone and together with an order, in one transaction.
contract SignedDepositsTest is OrdersFixture {
    Permit2Double private constant PERMIT2 = Permit2Double(0x000000000022D473030F116dDEE9F6B43aC78BA3);
    uint256 private constant AMOUNT = 1000e6;

    address private newcomer;
    uint256 private newcomers;

    function setUp() public override {
        super.setUp();
        (newcomer, newcomers) = keyed("newcomer");
        usdc.mint(newcomer, AMOUNT);
        vm.etch(address(PERMIT2), type(Permit2Double).runtimeCode);
    }

    function deployUsdc() internal override returns (TestUsdc) {
        return TestUsdc(address(new PermitUsdc()));
    }

    // Permits.

    function test_APermitADepositAndAnOrderAreOneTransaction() public {
        bytes[] memory calls = new bytes[](3);
        calls[0] = _permit(AMOUNT);
        calls[1] = _deposit(AMOUNT);
        Order[] memory orders = only(orderBy(newcomer, UNIT, 0));
        calls[2] = abi.encodeCall(IDerivativesEngine.commit, (ETH, orders));
        vm.prank(newcomer);
        bytes[] memory results = desk.multicall(calls);
        assertEq(marginOf(newcomer), 1000e18 - KEEPER_FEE, "deposited, and the fee held");
        assertEq(abi.decode(results[2], (uint256)), 0, "the batch's place");
        settle(ETH, ETH_PRICE, orders);
        assertEq(sizeOf(newcomer), UNIT, "the newcomer's order");
    }

    function test_APermitThatAStrangerHasUsedStillDeposits() public {
        bytes[] memory calls = new bytes[](2);
        (calls[0], calls[1]) = (_permit(AMOUNT), _deposit(AMOUNT));
        (uint8 v, bytes32 r, bytes32 s) = _permitSignature(AMOUNT, block.timestamp);
        vm.prank(stranger);
        PermitUsdc(address(usdc)).permit(newcomer, address(engine), AMOUNT, block.timestamp, v, r, s);
        vm.prank(newcomer);
        desk.multicall(calls);
        assertEq(marginOf(newcomer), 1000e18, "deposited");
    }

    function test_RevertWhen_ABadPermitLeavesNoAllowance() public {
        bytes[] memory calls = new bytes[](2);
        (calls[0], calls[1]) = (_permit(AMOUNT - 1), _deposit(AMOUNT));
        vm.prank(newcomer);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(engine), AMOUNT - 1, AMOUNT
            )
        );
        desk.multicall(calls);
        calls[0] =
            abi.encodeCall(IOrderDesk.permit, (AMOUNT, block.timestamp, 27, bytes32(uint256(1)), bytes32(uint256(1))));
        vm.prank(newcomer);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(engine), 0, AMOUNT)
        );
        desk.multicall(calls);
    }

    /// @dev A permit is its caller's: nobody uses another's through the exchange.
    function test_APermitOfAnotherGivesNothing() public {
        vm.prank(stranger);
        (bool ok,) = address(engine).call(_permit(AMOUNT));
        assertTrue(ok, "passed over");
        assertEq(usdc.allowance(newcomer, address(engine)), 0, "nothing");
        assertEq(usdc.allowance(stranger, address(engine)), 0, "nor for the caller");
    }

    // Several calls.

    function test_RevertWhen_OneOfSeveralFails() public {
        bytes[] memory calls = new bytes[](3);
        (calls[0], calls[1]) = (_permit(AMOUNT), _deposit(AMOUNT));
        calls[2] = abi.encodeCall(IEngineExtension.withdraw, (account(newcomer), AMOUNT + 1, newcomer, noUpdate));
        vm.prank(newcomer);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.MarginTooLow.selector, 1000e18, (AMOUNT + 1) * 1e12));
        desk.multicall(calls);
        assertEq(usdc.balanceOf(newcomer), AMOUNT, "none has happened");
        assertEq(usdc.allowance(newcomer, address(engine)), 0, "not even the first");
    }

    function test_RevertWhen_SeveralCallsComeWithEther() public {
        bytes[] memory calls = new bytes[](1);
        calls[0] = _permit(AMOUNT);
        vm.deal(newcomer, 1);
        vm.prank(newcomer);
        (bool ok,) = address(engine).call{value: 1}(abi.encodeCall(IOrderDesk.multicall, (calls)));
        assertFalse(ok, "ether is taken");
        assertEq(address(engine).balance, 0, "and kept");
    }

    /// @dev The calls are the caller's own.
    function test_RevertWhen_AStrangerCallsForAnOwner() public {
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(IEngineExtension.withdraw, (account(signer), 1e6, stranger, noUpdate));
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.NotAccountOwner.selector, stranger, signer));
        desk.multicall(calls);
    }

    function test_SeveralCallsMayHoldSeveral() public {
        bytes[] memory inner = new bytes[](2);
        (inner[0], inner[1]) = (_permit(AMOUNT), _deposit(AMOUNT));
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(IOrderDesk.multicall, (inner));
        vm.prank(newcomer);
        desk.multicall(calls);
        assertEq(marginOf(newcomer), 1000e18, "deposited");
    }

    // Permit2.

    function test_APermit2SignatureDeposits() public {
        _approvePermit2();
        bytes memory signature = _permit2(AMOUNT, 7, block.timestamp);
        vm.expectEmit(address(engine));
        emit IEngineEvents.Deposited(account(alice), newcomer, 1000e18, 101_000e18);
        _depositWithPermit2(newcomer, alice, AMOUNT, 7, block.timestamp, signature);
        assertEq(marginOf(alice), 101_000e18, "into any account");
        assertEq(usdc.balanceOf(newcomer), 0, "from the caller");
        assertEq(cold.solvency().balance, cold.solvency().custody, "what is owed is there");
        usdc.mint(newcomer, AMOUNT);
        vm.expectRevert(Permit2Double.InvalidNonce.selector);
        _depositWithPermit2(newcomer, alice, AMOUNT, 7, block.timestamp, signature);
    }

    function test_RevertWhen_APermit2SignatureIsNotTheCallers() public {
        _approvePermit2();
        bytes memory signature = _permit2(AMOUNT, 7, block.timestamp);
        vm.expectRevert(Permit2Double.InvalidSigner.selector);
        _depositWithPermit2(stranger, stranger, AMOUNT, 7, block.timestamp, signature);
        vm.expectRevert(Permit2Double.InvalidSigner.selector);
        _depositWithPermit2(newcomer, newcomer, AMOUNT - 1, 7, block.timestamp, signature);
        uint256 deadline = block.timestamp;
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(Permit2Double.SignatureExpired.selector, deadline));
        _depositWithPermit2(newcomer, newcomer, AMOUNT, 7, deadline, signature);
    }

    function test_RevertWhen_Permit2DeliversLessOrNothingIsAsked() public {
        _approvePermit2();
        bytes memory signature = _permit2(AMOUNT, 7, block.timestamp);
        usdc.setTransferFee(100);
        vm.expectRevert(abi.encodeWithSelector(IEngineErrors.TransferMismatch.selector, AMOUNT * 99 / 100, AMOUNT));
        _depositWithPermit2(newcomer, newcomer, AMOUNT, 7, block.timestamp, signature);
        vm.expectRevert(IEngineErrors.ZeroAmount.selector);
        _depositWithPermit2(newcomer, newcomer, 0, 7, block.timestamp, signature);
    }

    function _approvePermit2() private {
        vm.prank(newcomer);
        usdc.approve(address(PERMIT2), type(uint256).max);
    }

    function _depositWithPermit2(
        address by,
        address into,
        uint256 assets,
        uint256 nonce,
        uint256 deadline,
        bytes memory signature
    ) private {
        vm.prank(by);
        desk.depositWithPermit2(account(into), assets, nonce, deadline, signature);
    }

    function _permit2(uint256 assets, uint256 nonce, uint256 deadline) private view returns (bytes memory) {
        IPermit2.PermitTransferFrom memory permit =
            IPermit2.PermitTransferFrom(IPermit2.TokenPermissions(address(usdc), assets), nonce, deadline);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(newcomers, PERMIT2.digestOf(permit, address(engine)));
        return abi.encodePacked(r, s, v);
    }

    function _permitSignature(uint256 assets, uint256 deadline) private view returns (uint8 v, bytes32 r, bytes32 s) {
        PermitUsdc token = PermitUsdc(address(usdc));
        bytes32 typehash =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 hash =
            keccak256(abi.encode(typehash, newcomer, address(engine), assets, token.nonces(newcomer), deadline));
        return vm.sign(newcomers, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), hash)));
    }

    function _permit(uint256 assets) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = _permitSignature(assets, block.timestamp);
        return abi.encodeCall(IOrderDesk.permit, (assets, block.timestamp, v, r, s));
    }

    function _deposit(uint256 assets) private view returns (bytes memory) {
        return abi.encodeCall(IDerivativesEngine.deposit, (account(newcomer), assets));
    }
}
